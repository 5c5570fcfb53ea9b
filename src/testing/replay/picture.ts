/** Draws a replay: a line for each source and sink, a column for each record that was read. */
import type { JobDriver } from '../job/jobDriver.ts'
import type { SinkLog } from '../job/sinkLog.ts'
import type { InputRecord } from './readInput.ts'

export interface Picture {
  /** The record has been processed. */
  step(record: InputRecord): void
  drawn(): string
}

export function picture(driver: Pick<JobDriver, 'sinks'>): Picture {
  /** Values by column, by line; a line begins where it first has one. */
  const lines = new Map<string, Map<number, readonly unknown[]>>()
  const seen = new Map<SinkLog, number>()
  let columns = 0

  function put(line: string, values: readonly unknown[]): void {
    const cells = lines.get(line) ?? new Map<number, readonly unknown[]>()
    lines.set(line, cells)
    cells.set(columns, values)
  }

  return {
    step({ source, value }) {
      put(source, [value])
      for (const log of driver.sinks()) {
        const written = log.since(seen.get(log) ?? 0)
        seen.set(log, log.length)
        const values = written.map((record) => record.value)
        if (values.length > 0) put(log.id, values)
      }
      columns += 1
    },
    drawn() {
      const names = Math.max(0, ...[...lines.keys()].map((name) => name.length))
      const drawn = [...lines].map(([name, cells]) => {
        return { name, cells: Array.from({ length: columns }, (_, at) => cellOf(cells.get(at) ?? [])) }
      })
      const widths = Array.from({ length: columns }, (_, at) =>
        drawn.reduce((widest, { cells }) => Math.max(widest, cells[at]?.length ?? 0), 0),
      )
      const lineOf = (cells: readonly string[]): string =>
        widths.map((width, at) => `-${(cells[at] ?? '').padEnd(width, '-')}`).join('')
      return drawn.map(({ name, cells }) => `${name.padEnd(names)}  ${lineOf(cells)}-`).join('\n')
    },
  }
}

function cellOf(values: readonly unknown[]): string {
  const shown = values.map((value) => `<${JSON.stringify(value, bigintAsText) ?? 'undefined'}>`)
  return shown.length > 1 ? `(${shown.join('')})` : (shown[0] ?? '')
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
