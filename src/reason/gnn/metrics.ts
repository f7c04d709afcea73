// Scores of a three-class task: accuracy, balanced accuracy, precision, recall and F1 a class.
// Refuses to average over classes that do not occur.

export interface TaskScore {
  nodes: number;
  accuracy: number;
  /** Mean recall over the classes that occur. */
  balanced: number;
  /** Accuracy of always answering the most frequent class. */
  majority: number;
  classes: { name: string; count: number; precision: number; recall: number; f1: number }[];
}

/** Scores `predicted` against `labels` (both classes 0..2) from index `from` on; label 255 is left out. */
export function score(
  predicted: Uint8Array,
  labels: Uint8Array,
  names: readonly string[],
  from = 0,
  to = labels.length,
): TaskScore {
  const n = names.length;
  const confusion = new Float64Array(n * n);
  for (let i = from; i < to; i++) {
    const label = labels[i]!;
    if (label !== 255) confusion[label * n + predicted[i]!]!++;
  }
  let nodes = 0;
  let right = 0;
  let balanced = 0;
  let present = 0;
  let most = 0;
  const classes = names.map((name, c) => {
    let count = 0;
    let answered = 0;
    for (let d = 0; d < n; d++) {
      count += confusion[c * n + d]!;
      answered += confusion[d * n + c]!;
    }
    const hit = confusion[c * n + c]!;
    nodes += count;
    right += hit;
    most = Math.max(most, count);
    const recall = count > 0 ? hit / count : 0;
    const precision = answered > 0 ? hit / answered : 0;
    if (count > 0) {
      balanced += recall;
      present++;
    }
    return {
      name,
      count,
      precision,
      recall,
      f1: hit > 0 ? (2 * precision * recall) / (precision + recall) : 0,
    };
  });
  return {
    nodes,
    accuracy: nodes > 0 ? right / nodes : 0,
    balanced: present > 0 ? balanced / present : 0,
    majority: nodes > 0 ? most / nodes : 0,
    classes,
  };
}
