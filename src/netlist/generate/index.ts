// Circuit generators: adders and multipliers.

export * from './multiplier.ts';
