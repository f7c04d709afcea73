// Circuit generators: adders and multipliers.

export * from './adder.ts';
export * from './multiplier.ts';
