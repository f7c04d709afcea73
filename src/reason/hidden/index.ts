// Adders that cuts of the given netlist do not show: found by function, proved on exhaustive windows.

export {
  type HiddenOptions,
  type HiddenResult,
  type HiddenStatistics,
  searchHiddenAdders,
} from './search.ts';
