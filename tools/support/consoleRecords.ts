/** What the Java console consumer prints, made unmistakable: separators that no record contains; and how to read it back. */
import { randomUUID } from 'node:crypto'

export interface ConsumedRecord {
  readonly partition: number
  readonly offset: number
  /** ms since the epoch */
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [key: string, value: string | null])[]
}

export interface ConsoleFormat {
  /** Arguments for the console consumer. */
  readonly args: readonly string[]
  parse(printed: string): ConsumedRecord[]
}

export function consoleFormat(): ConsoleFormat {
  const mark = randomUUID()
  const [field, header, line, none] = ['field', 'header', 'line', 'null'].map((name) => `<${name} ${mark}>`) as Four
  const shown = ['timestamp', 'partition', 'offset', 'headers', 'key', 'value'].map((name) => `print.${name}=true`)
  const separators = {
    'key.separator': field,
    'headers.separator': header,
    'line.separator': line,
    'null.literal': none,
  }
  const properties = [...shown, ...Object.entries(separators).map(([name, text]) => `${name}=${text}`)]

  function record(text: string): ConsumedRecord {
    const [timestamp, partition, offset, headers, key, value] = text.split(field) as [string, ...Five]
    return {
      partition: number(partition),
      offset: number(offset),
      timestamp: number(timestamp),
      key: key === none ? null : key,
      value: value === none ? null : value,
      headers: headers === 'NO_HEADERS' ? [] : headers.split(header).map(pair),
    }
  }

  /** "key:value" */
  function pair(text: string): readonly [string, string | null] {
    const [key = '', ...value] = text.split(':')
    return [key, value.join(':') === none ? null : value.join(':')]
  }

  return {
    args: properties.flatMap((property) => ['--property', property]),
    parse: (printed) => printed.split(line).slice(0, -1).map(record),
  }
}

type Four = [string, string, string, string]
type Five = [string, string, string, string, string]

/** "CreateTime:1700000000000", "Partition:0", "Offset:5" */
function number(text: string): number {
  return Number(text.split(':')[1])
}
