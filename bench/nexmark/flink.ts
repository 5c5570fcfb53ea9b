/** The statements of a query for Flink SQL: flink/tables.sql and flink/<query>.sql, with places filled in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keysOf } from './queries.ts'

export interface FlinkPlaces {
  readonly brokers: string
  readonly source: string
  readonly sink: string
  readonly id: string
}

/** As for the other peers in Java: see FlinkPeer. */
const sourceTuning = { 'properties.max.poll.records': 10_000, 'properties.receive.buffer.bytes': 1 << 20 }
const sinkTuning = {
  'properties.batch.size': 512 << 10,
  'properties.linger.ms': 100,
  'properties.buffer.memory': 64 << 20,
  'properties.send.buffer.bytes': 1 << 20,
}

const text = (file: string): string => readFileSync(join(import.meta.dirname, 'flink', `${file}.sql`), 'utf8')

export function statementsOf(query: string, { brokers, source, sink, id }: FlinkPlaces, tuned: boolean): string {
  const updates = keysOf[query] !== undefined
  const options = {
    connector: updates ? 'upsert-kafka' : 'kafka',
    topic: sink,
    'properties.bootstrap.servers': brokers,
    // Flink's default of an hour is more than a broker allows by its own default.
    'properties.transaction.timeout.ms': 600_000,
    'sink.delivery-guarantee': 'exactly-once',
    'sink.transactional-id-prefix': id,
    ...(updates ? { 'key.format': 'json', 'value.format': 'json' } : { format: 'json' }),
    ...(tuned ? sinkTuning : {}),
  }
  const places: Readonly<Record<string, string>> = {
    ...{ brokers, source, id, sink: listed(options) },
    sourceTuning: tuned ? `, ${listed(sourceTuning)}` : '',
  }
  return `${text('tables')}\n${text(query)}`.replace(/\$\{(\w+)\}/g, (_, name) => places[name] as string)
}

function listed(options: Readonly<Record<string, string | number>>): string {
  return Object.entries(options)
    .map(([name, value]) => `'${name}' = '${value}'`)
    .join(', ')
}
