// Parses structural Verilog into modules: ports, nets, gate primitives, assign, instances, and registers written as
// `always @(posedge clock) q <= d;`. Refuses every other behavioural construct by file, line and word.

import { ExpressionParser } from './verilog-expression.ts';
import { VerilogTokens } from './verilog-tokens.ts';
import { type Declaration, type Expression, gateTypes, type VerilogModule } from './verilog-tree.ts';

const netTypes = new Set(['wire', 'reg', 'tri', 'logic', 'supply0', 'supply1']);
/** Words that begin something this reader does not read. */
const refusedWords = new Set(
  `always_comb always_ff always_latch begin bind bufif0 bufif1 case casex casez class cmos deassign defparam disable else
  event for force forever fork function generate genvar if import inout int integer interface join localparam macromodule
  nmos notif0 notif1 package parameter pmos posedge primitive property pulldown pullup rcmos real realtime release repeat
  rnmos rpmos rtran specify specparam struct table task time tran tri0 tri1 triand trior trireg typedef union wait wand
  while wor`.split(/\s+/),
);
const structuralWords = 'module, ports, wires, gates, assign, instances, always @(posedge clock) q <= d';
const reserved = new Set([...refusedWords, ...netTypes, ...gateTypes]);
for (const word of 'module endmodule input output assign always initial signed end negedge endcase'.split(
  ' ',
)) {
  reserved.add(word);
}

/** Words no plain identifier may be. */
export const verilogKeywords: ReadonlySet<string> = reserved;

/** @throws InputError with file and line */
export function parseVerilog(source: string, file: string | undefined): Map<string, VerilogModule> {
  const tokens = new VerilogTokens(source, file);
  const modules = new Map<string, VerilogModule>();
  while (tokens.kind !== 'end') {
    if (!tokens.isWord('module')) {
      if (tokens.kind === 'name' && refusedWords.has(tokens.text)) refuse(tokens);
      tokens.unexpected("'module'");
    }
    const module = new ModuleParser(tokens).parse();
    if (modules.has(module.name)) {
      tokens.fail(`module '${module.name}' defined twice`, undefined, undefined, module.line);
    }
    modules.set(module.name, module);
  }
  if (modules.size === 0) tokens.fail('no module', "'module'");
  return modules;
}

function refuse(tokens: VerilogTokens): never {
  return tokens.fail(`'${tokens.text}' is not structural Verilog`, structuralWords);
}

class ModuleParser {
  private readonly tokens: VerilogTokens;
  private readonly expressions: ExpressionParser;
  private readonly module: VerilogModule;
  private readonly instanceNames = new Set<string>();

  constructor(tokens: VerilogTokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
    this.module = { name: '', line: tokens.line, ports: [], declarations: new Map(), items: [] };
  }

  parse(): VerilogModule {
    const { tokens, module } = this;
    tokens.advance();
    module.name = this.identifier('a module name');
    if (tokens.isMark('#')) tokens.fail("'#(parameter' is not structural Verilog", structuralWords);
    if (tokens.isMark('(')) this.header();
    this.mark(';');
    while (!tokens.isWord('endmodule')) this.item();
    tokens.advance();
    for (const port of module.ports) {
      if (module.declarations.get(port)?.direction === undefined) {
        tokens.fail(
          `port '${port}' of module '${module.name}' has no direction`,
          'input or output',
          undefined,
          module.line,
        );
      }
    }
    return module;
  }

  /** Both `(a, b)` and `(input [3:0] a, output b)`. */
  private header(): void {
    const { tokens, module } = this;
    tokens.advance();
    const seen = new Set<string>();
    let form: Declaration | undefined;
    while (!tokens.isMark(')')) {
      if (tokens.isWord('input') || tokens.isWord('output')) form = this.declarationHead();
      else if (tokens.kind === 'name' && (refusedWords.has(tokens.text) || netTypes.has(tokens.text)))
        refuse(tokens);
      const { line } = tokens;
      const name = this.identifier('a port');
      if (seen.has(name)) tokens.fail(`port '${name}' listed twice`, undefined, undefined, line);
      seen.add(name);
      module.ports.push(name);
      if (form !== undefined) this.declare({ ...form, name, line });
      if (tokens.isMark('=')) this.declarationValue(name, line, form?.type);
      if (!tokens.isMark(')')) this.mark(',');
    }
    tokens.advance();
  }

  private item(): void {
    const { tokens } = this;
    const { text } = tokens;
    if (tokens.isMark(';')) tokens.advance();
    else if (tokens.kind === 'escaped') this.instances();
    else if (tokens.kind !== 'name') tokens.unexpected("a module item or 'endmodule'");
    else if (text === 'input' || text === 'output' || netTypes.has(text)) this.declarations();
    else if (text === 'assign') this.assigns();
    else if (gateTypes.has(text)) this.gates(text);
    else if (text === 'always') this.always();
    else if (text === 'initial') {
      tokens.advance();
      this.statements((target, value, line) => {
        this.module.items.push({ kind: 'initial', target, value, line });
      });
    } else if (reserved.has(text) || text.startsWith('$')) refuse(tokens);
    else this.instances();
  }

  private declarations(): void {
    const { tokens, module } = this;
    const form = this.declarationHead();
    for (;;) {
      const { line } = tokens;
      const name = this.identifier('a name');
      if (tokens.isMark('[')) tokens.fail(`'${name}' is an array of vectors`, 'a vector of bits');
      this.declare({ ...form, name, line });
      if (form.direction !== undefined && !module.ports.includes(name)) {
        tokens.fail(`'${name}' is no port of module '${module.name}'`, undefined, undefined, line);
      }
      if (form.type === 'supply0' || form.type === 'supply1') {
        const value: Expression = { kind: 'constant', bits: [form.type === 'supply1' ? 1 : 0], line };
        module.items.push({ kind: 'assign', target: { kind: 'name', name, line }, value, line });
      }
      if (tokens.isMark('=')) this.declarationValue(name, line, form.type);
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(';');
  }

  /** `wire a = b` drives a; `reg a = 1'b0` is its reset value. */
  private declarationValue(name: string, line: number, type: string | undefined): void {
    this.tokens.advance();
    const target: Expression = { kind: 'name', name, line };
    const value = this.expressions.parse();
    this.module.items.push({
      kind: type === 'reg' || type === 'logic' ? 'initial' : 'assign',
      target,
      value,
      line,
    });
  }

  /** Direction, type, sign and range before a list of names. */
  private declarationHead(): Declaration {
    const { tokens } = this;
    const form: Declaration = { name: '', line: tokens.line, signed: false };
    if (tokens.isWord('input') || tokens.isWord('output')) {
      form.direction = tokens.text as 'input' | 'output';
      tokens.advance();
    }
    if (tokens.kind === 'name' && netTypes.has(tokens.text)) {
      form.type = tokens.text;
      tokens.advance();
    }
    if (tokens.isWord('signed')) {
      form.signed = true;
      tokens.advance();
    }
    if (tokens.isMark('[')) {
      tokens.advance();
      const msb = this.expressions.integer('a constant range');
      this.mark(':');
      const lsb = this.expressions.integer('a constant range');
      this.mark(']');
      form.range = { msb, lsb };
    }
    if (tokens.isMark('#')) this.skipDelay();
    return form;
  }

  private declare(next: Declaration): void {
    const { declarations } = this.module;
    const before = declarations.get(next.name);
    if (before === undefined) {
      declarations.set(next.name, next);
      return;
    }
    const fail = (problem: string): never =>
      this.tokens.fail(`${problem} (first on line ${before.line})`, undefined, undefined, next.line);
    if (
      (before.type !== undefined && next.type !== undefined) ||
      (before.direction !== undefined && next.direction !== undefined) ||
      (next.type === undefined && next.direction === undefined)
    ) {
      fail(`'${next.name}' declared twice`);
    }
    const same = before.range?.msb === next.range?.msb && before.range?.lsb === next.range?.lsb;
    if (!same) fail(`'${next.name}' declared with two ranges`);
    before.type ??= next.type;
    before.direction ??= next.direction;
    before.signed ||= next.signed;
  }

  private assigns(): void {
    const { tokens, module } = this;
    tokens.advance();
    if (tokens.isMark('#')) this.skipDelay();
    for (;;) {
      const { line } = tokens;
      const target = this.target();
      this.mark('=');
      module.items.push({ kind: 'assign', target, value: this.expressions.parse(), line });
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(';');
  }

  private gates(gate: string): void {
    const { tokens, module } = this;
    tokens.advance();
    if (tokens.isMark('#')) this.skipDelay();
    for (;;) {
      const { line } = tokens;
      if (!tokens.isMark('(')) this.instanceName();
      this.mark('(');
      const terminals = [this.expressions.parse()];
      while (tokens.isMark(',')) {
        tokens.advance();
        terminals.push(this.expressions.parse());
      }
      this.mark(')');
      if (terminals.length < 2)
        tokens.fail(`${gate} with one terminal`, 'an output and inputs', undefined, line);
      module.items.push({ kind: 'gate', gate, terminals, line });
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(';');
  }

  private instances(): void {
    const { tokens, module } = this;
    const type = tokens.text;
    tokens.advance();
    if (tokens.isMark('#'))
      tokens.fail(`parameters of '${type}' are not structural Verilog`, structuralWords);
    for (;;) {
      const { line } = tokens;
      if (tokens.isMark('(')) tokens.fail(`instance of '${type}' without a name`, 'a name');
      const name = this.instanceName();
      this.mark('(');
      const item = { kind: 'instance' as const, module: type, name, line };
      if (tokens.isMark('.')) module.items.push({ ...item, named: this.namedConnections() });
      else module.items.push({ ...item, positional: this.positionalConnections() });
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(';');
  }

  private namedConnections(): Map<string, Expression | undefined> {
    const { tokens } = this;
    const named = new Map<string, Expression | undefined>();
    for (;;) {
      this.mark('.');
      if (tokens.isMark('*')) tokens.fail("connection '.*'", 'named pins');
      const pin = this.identifier('a pin');
      if (named.has(pin)) tokens.fail(`pin '${pin}' connected twice`);
      this.mark('(');
      named.set(pin, tokens.isMark(')') ? undefined : this.expressions.parse());
      this.mark(')');
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(')');
    return named;
  }

  private positionalConnections(): (Expression | undefined)[] {
    const { tokens } = this;
    const list: (Expression | undefined)[] = [];
    if (tokens.isMark(')')) {
      tokens.advance();
      return list;
    }
    for (;;) {
      list.push(tokens.isMark(',') || tokens.isMark(')') ? undefined : this.expressions.parse());
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(')');
    return list;
  }

  private always(): void {
    const { tokens } = this;
    tokens.advance();
    const refusal = (): never =>
      tokens.fail(
        `'always' with '${tokens.text.slice(0, 40)}' is not structural Verilog`,
        'always @(posedge clock) q <= d',
      );
    if (!tokens.isMark('@')) refusal();
    tokens.advance();
    if (!tokens.isMark('(')) refusal();
    tokens.advance();
    if (!tokens.isWord('posedge') && !tokens.isWord('negedge')) refusal();
    const fallingEdge = tokens.text === 'negedge';
    tokens.advance();
    const clock = this.expressions.parse();
    if (!tokens.isMark(')')) refusal();
    tokens.advance();
    this.statements((target, value, line) => {
      this.module.items.push({ kind: 'register', clock, fallingEdge, target, value, line });
    });
  }

  /** One assignment, or several between begin and end. */
  private statements(add: (target: Expression, value: Expression, line: number) => void): void {
    const { tokens } = this;
    const block = tokens.isWord('begin');
    if (block) tokens.advance();
    while (!(block && tokens.isWord('end'))) {
      const { line } = tokens;
      if (tokens.kind === 'name' && (reserved.has(tokens.text) || tokens.text.startsWith('$')))
        refuse(tokens);
      if (tokens.isMark('#')) tokens.fail("delay '#' is not structural Verilog", structuralWords);
      const target = this.target();
      if (!tokens.isMark('<=') && !tokens.isMark('=')) tokens.unexpected("'<='");
      tokens.advance();
      add(target, this.expressions.parse(), line);
      this.mark(';');
      if (!block) return;
    }
    tokens.advance();
  }

  /** What an assignment may drive: a name, a select, or a concatenation of these. */
  private target(): Expression {
    const { tokens } = this;
    if (tokens.kind === 'name' && reserved.has(tokens.text)) refuse(tokens);
    if (tokens.kind === 'name' || tokens.kind === 'escaped') return this.expressions.reference();
    if (!tokens.isMark('{')) tokens.unexpected('a net to drive');
    return this.expressions.parse();
  }

  private instanceName(): string {
    const { tokens } = this;
    const name = this.identifier('an instance name');
    if (tokens.isMark('[')) tokens.fail(`array of instances '${name}'`, 'single instances');
    if (this.instanceNames.has(name)) tokens.fail(`instance '${name}' defined twice`);
    this.instanceNames.add(name);
    return name;
  }

  private identifier(expected: string): string {
    const { tokens } = this;
    if (tokens.kind === 'name' && reserved.has(tokens.text)) refuse(tokens);
    if (tokens.kind !== 'name' && tokens.kind !== 'escaped') tokens.unexpected(expected);
    const name = tokens.text;
    tokens.advance();
    return name;
  }

  /** `#3` or `#(1:2:3, 4)`: delays mean nothing here. */
  private skipDelay(): void {
    const { tokens } = this;
    tokens.advance();
    const parenthesised = tokens.isMark('(');
    if (parenthesised) tokens.advance();
    for (;;) {
      if ((tokens.kind as string) !== 'number') tokens.unexpected('a constant delay');
      tokens.advance();
      if (!parenthesised) return;
      if (!tokens.isMark(',') && !tokens.isMark(':')) break;
      tokens.advance();
    }
    this.mark(')');
  }

  private mark(text: string): void {
    this.expressions.mark(text);
  }
}
