/** Writes and reads records through Kafka's own Java client, byte for byte: the judge of what our record batches mean. */
import { Buffer } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Compression } from '../../src/kafka/batch/compression.ts'
import type { Header } from '../../src/record.ts'
import { runJava } from './javaTool.ts'

export interface JavaRecord {
  readonly partition: number
  /** ms since the epoch */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

const program = join(import.meta.dirname, 'java/Records.java')

/** @param compressions by partition */
export async function javaWrite(
  brokers: readonly string[],
  topic: string,
  compressions: readonly Compression[],
  records: readonly JavaRecord[],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-records-'))
  try {
    const file = join(folder, 'records')
    await writeFile(file, `${records.map(recordLine).join('\n')}\n`)
    await runJava(program, ['write', brokers.join(','), topic, file, ...compressions])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What is committed, partition after partition. */
export async function javaRead(brokers: readonly string[], topic: string): Promise<readonly JavaRecord[]> {
  const printed = await runJava(program, ['read', brokers.join(','), topic])
  return printed.split('\n').slice(0, -1).map(parsed)
}

/** The record as one line, bytes in hex: also what a test compares, since it says so much more where two differ. */
export function recordLine({ partition, timestamp, key, value, headers }: JavaRecord): string {
  const all = headers.map(({ name, value }) => `${hex(Buffer.from(name))}=${hex(value)}`).join(',')
  return [partition, timestamp, hex(key), hex(value), all || '-'].join(' ')
}

function parsed(line: string): JavaRecord {
  const [partition, timestamp, key, value, all] = line.split(' ') as [string, string, string, string, string]
  const headers = all === '-' ? [] : all.split(',').map(header)
  return { partition: Number(partition), timestamp: Number(timestamp), key: bytes(key), value: bytes(value), headers }
}

function header(text: string): Header {
  const [name = '', value = ''] = text.split('=')
  return { name: bytes(name)?.toString() ?? '', value: bytes(value) }
}

function hex(content: Uint8Array | null): string {
  return content === null ? '~' : Buffer.from(content).toString('hex') || '_'
}

function bytes(text: string): Buffer | null {
  return text === '~' ? null : Buffer.from(text === '_' ? '' : text, 'hex')
}
