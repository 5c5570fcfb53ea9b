/** Compares output with input: every line once, in its partition, in order. */
import { numberedLine, type OutputLine, partitions } from './ground.ts'

export interface Verdict {
  readonly clean: boolean
  readonly table: readonly string[]
  readonly line: string
}

export function verdict(output: readonly OutputLine[], records: number, kills: number): Verdict {
  const rows = Array.from({ length: partitions }, (_, partition) => judge(partition, output, records))
  const total = (name: keyof Row): number => rows.reduce((sum, row) => sum + row[name], 0)
  const line = `${records} in, ${output.length} out, ${total('lost')} lost, ${total('duplicated')} duplicated, ${total('reordered')} reordered, ${kills} kills`
  const table = [
    '',
    'partition      in     out    lost  duplicated  reordered',
    ...rows.map((row, partition) =>
      [partition, row.in, row.out, row.lost, row.duplicated, row.reordered]
        .map((figure, column) => String(figure).padStart([9, 8, 8, 8, 12, 11][column] as number))
        .join(''),
    ),
  ]
  const wrong = total('lost') + total('duplicated') + total('reordered') + total('foreign')
  return { clean: wrong === 0 && output.length === records, table, line }
}

interface Row {
  readonly in: number
  readonly out: number
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
  readonly foreign: number
}

function judge(partition: number, output: readonly OutputLine[], records: number): Row {
  const expected = new Set<string>()
  for (let number = 1; number <= records; number++) {
    const line = numberedLine(number)
    if (line.partition === partition) expected.add(line.text.toUpperCase())
  }
  const seen = new Set<string>()
  const out = output.filter((line) => line.partition === partition)
  let [duplicated, reordered, foreign] = [0, 0, 0]
  let last = ''
  for (const { text } of out) {
    if (seen.has(text)) duplicated += 1
    else if (!expected.has(text)) foreign += 1
    else if (text < last) reordered += 1
    if (text > last) last = text
    seen.add(text)
  }
  const lost = [...expected].filter((text) => !seen.has(text)).length
  return { in: expected.size, out: out.length, lost, duplicated, reordered, foreign }
}
