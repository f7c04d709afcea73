// Names made up so that nobody has them yet. Refuses to give one twice, also when nothing has taken it in the meantime.

export class UniqueNames {
  private readonly reserved = new Set<string>();
  private readonly nextSuffix = new Map<string, number>();

  /** The hint, or the hint with a number. @param taken tells the names that somebody has */
  make(hint: string, taken: (name: string) => boolean): string {
    const free = (name: string): boolean => !this.reserved.has(name) && !taken(name);
    let name = hint;
    if (!free(name) || name === '') {
      let i = this.nextSuffix.get(hint) ?? 1;
      while (!free(`${hint}_${i}`)) i++;
      this.nextSuffix.set(hint, i + 1);
      name = `${hint}_${i}`;
    }
    this.reserved.add(name);
    return name;
  }

  reserve(names: Iterable<string>): void {
    for (const name of names) this.reserved.add(name);
  }

  /** Names given or reserved so far. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.reserved.values();
  }
}
