// The syntax tree of structural Verilog: what verilog-parse.ts makes of a file and verilog.ts elaborates.

export type Expression =
  | { kind: 'constant'; bits: number[]; line: number }
  | { kind: 'name'; name: string; line: number }
  /** `name[first:last]`; `indexed` for +: and -:, whose ends may come in either order. */
  | { kind: 'select'; name: string; first: number; last: number; indexed: boolean; line: number }
  /** Parts as written, most significant first, `count` times. */
  | { kind: 'concat'; parts: Expression[]; count: number; line: number }
  | { kind: 'not'; of: Expression }
  | { kind: 'bitwise'; operator: '&' | '|' | '^'; inverted: boolean; operands: Expression[] }
  | { kind: 'reduce'; operator: '&' | '|' | '^'; inverted: boolean; of: Expression }
  | { kind: 'logic'; operator: '&' | '|'; operands: Expression[] }
  | { kind: 'equal'; inverted: boolean; left: Expression; right: Expression }
  | { kind: 'choice'; arms: { condition: Expression; value: Expression }[]; otherwise: Expression };

/** A declared net, variable or port. */
export interface Declaration {
  name: string;
  line: number;
  direction?: 'input' | 'output' | undefined;
  /** wire, reg, tri … once a net type was written. */
  type?: string | undefined;
  /** Range as written; undefined for one bit. */
  range?: { msb: number; lsb: number } | undefined;
  signed: boolean;
}

export interface GateItem {
  kind: 'gate';
  gate: string;
  terminals: Expression[];
  line: number;
}

export interface AssignItem {
  kind: 'assign';
  target: Expression;
  value: Expression;
  line: number;
}

/** One nonblocking assignment under `always @(posedge clock)`. */
export interface RegisterItem {
  kind: 'register';
  clock: Expression;
  fallingEdge: boolean;
  target: Expression;
  value: Expression;
  line: number;
}

export interface InitialItem {
  kind: 'initial';
  target: Expression;
  value: Expression;
  line: number;
}

export interface InstanceItem {
  kind: 'instance';
  module: string;
  name: string;
  /** Undefined expressions are pins left open. */
  named?: Map<string, Expression | undefined> | undefined;
  positional?: (Expression | undefined)[] | undefined;
  line: number;
}

export type Item = GateItem | AssignItem | RegisterItem | InitialItem | InstanceItem;

export interface VerilogModule {
  name: string;
  line: number;
  /** Port names in header order. */
  ports: string[];
  declarations: Map<string, Declaration>;
  items: Item[];
}

/** Gate primitives understood. */
export const gateTypes: ReadonlySet<string> = new Set([
  'and',
  'or',
  'nand',
  'nor',
  'xor',
  'xnor',
  'not',
  'buf',
]);
