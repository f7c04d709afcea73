// Parses structural Verilog into modules: ports, nets, gate primitives, assign, instances, and registers written as
// `always @(posedge clock) q <= d;`. Refuses every other behavioural construct by file, line and word.

import { DeclarationParser } from './verilog-declarations.ts';
import { VerilogTokens } from './verilog-tokens.ts';
import { type Expression, gateTypes, type VerilogModule } from './verilog-tree.ts';
import { netTypes, refuse, refusedWords, structuralWords, verilogKeywords } from './verilog-words.ts';

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

class ModuleParser extends DeclarationParser {
  private readonly instanceNames = new Set<string>();

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
    } else if (verilogKeywords.has(text) || text.startsWith('$')) refuse(tokens);
    else this.instances();
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
      if (tokens.kind === 'name' && (verilogKeywords.has(tokens.text) || tokens.text.startsWith('$')))
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
    if (tokens.kind === 'name' && verilogKeywords.has(tokens.text)) refuse(tokens);
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
}
