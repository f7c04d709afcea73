// Public face of the RTL pieces.

export * from './arithmetic.ts';
export { Module } from './module.ts';
export * from './net.ts';
export * from './pipeline.ts';
