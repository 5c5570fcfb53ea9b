/** Compares what was counted with what went in: each word's counts must be 1, 2, 3 ... once each, in this order. */

/** A record of the counts topic. */
export interface Counted {
  readonly partition: number
  readonly word: string
  readonly count: number
}

export interface Verdict {
  /** Words that went in. */
  readonly fed: number
  /** Records that came out. */
  readonly counted: number
  /** Counts that are missing. */
  readonly lost: number
  /** Counts that came out again, or beyond the number of words that went in. */
  readonly doubled: number
  /** Counts that came out after a higher one of the same word, or in another partition than the first. */
  readonly reordered: number
}

export function verdict(lines: readonly string[], output: readonly Counted[]): Verdict {
  const expected = new Map<string, number>()
  for (const word of lines.flatMap(wordsOf)) expected.set(word, (expected.get(word) ?? 0) + 1)
  const found = new Map<string, Counted[]>()
  for (const one of output) {
    const its = found.get(one.word)
    if (its === undefined) found.set(one.word, [one])
    else its.push(one)
  }
  let [lost, doubled, reordered] = [0, 0, 0]
  for (const word of new Set([...expected.keys(), ...found.keys()])) {
    const wanted = expected.get(word) ?? 0
    const its = found.get(word) ?? []
    const seen = new Set<number>()
    let highest = 0
    for (const { count, partition } of its) {
      if (seen.has(count) || count > wanted) doubled += 1
      else if (count < highest || partition !== its[0]?.partition) reordered += 1
      seen.add(count)
      highest = Math.max(highest, count)
    }
    lost += wanted - [...seen].filter((count) => count >= 1 && count <= wanted).length
  }
  const fed = [...expected.values()].reduce((sum, one) => sum + one, 0)
  return { fed, counted: output.length, lost, doubled, reordered }
}

/** The words of a line, as the job cuts it. */
export function wordsOf(line: string): readonly string[] {
  return line.toLowerCase().match(/\p{L}+/gu) ?? []
}
