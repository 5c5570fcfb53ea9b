/** An embedded log in a folder of its own, closed and removed after the test. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type EmbeddedLog, embeddedLog } from '../../src/embedded/embeddedLog.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'

export async function temporaryLog(topics: Readonly<Record<string, number>> = {}): Promise<EmbeddedLog> {
  const log = openLog(join(await temporaryFolder(), 'log'))
  for (const [name, partitions] of Object.entries(topics)) log.createTopic(name, { partitions })
  return log
}

/** Opens it once more, as another process would. */
export function openLog(file: string): EmbeddedLog {
  const log = embeddedLog(file)
  onTestFinished(() => log.close())
  return log
}

/** The values of a partition as text. */
export function valuesOf(log: EmbeddedLog, topic: string, partition = 0): (string | null)[] {
  return [...log.read(topic, partition)].map(({ value }) => value?.toString('utf8') ?? null)
}
