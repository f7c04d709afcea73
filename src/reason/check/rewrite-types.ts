// What backward rewriting is asked and what it answers.

import type { InputPolynomial } from './input-polynomial.ts';

/** A product of two or more netlist variables (ascending) and its coefficient. */
export interface Monomial {
  variables: number[];
  coefficient: bigint;
}

export interface RewriteResult {
  /** Error of the netlist: this polynomial over the inputs plus the monomials below, modulo 2^bits. */
  inputs: InputPolynomial;
  /** Monomials over inner variables that were not expanded. */
  frozen: Monomial[];
  statistics: RewriteStatistics;
}

export interface RewriteStatistics {
  /** Adder identities and gates applied, cones taken from truth tables. */
  adderSteps: number;
  gateSteps: number;
  cones: number;
  /** Most monomials of degree two or more at a time, inputs' polynomial not counted. */
  peakMonomials: number;
}

export interface RewriteOptions {
  /**
   * `interface`: monomials rest at the nets of adders. `all`: they are expanded down to small cones. `none`: they are
   * not expanded, and of single nets only exclusive-ors are.
   */
  expand: 'interface' | 'all' | 'none';
  /** Monomials of degree two or more held at once. */
  limit: number;
  /** Told between steps; true stops. */
  stopped: () => boolean;
}

/** Thrown when the monomials outgrow the limit. */
export class GrowthError extends Error {}
