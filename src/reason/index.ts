// The reason room for library users: adders and multipliers in gate netlists.

export { adderLiterals, writeAnnotatedJson, writeAnnotatedVerilog } from './annotate.ts';
export * from './check/index.ts';
export * from './exact/index.ts';
export { type FindOptions, type FindResult, findAdders, type SumScorer } from './find.ts';
export * from './gnn/index.ts';
export * from './hidden/index.ts';
export { adderReport } from './page.ts';
