/** The examples on Kafka, as a user runs them: what they commit there is what they commit on the embedded log. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { samples } from '../../examples/program/samples.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { runExample } from './runExample.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0).concurrent('on Kafka', { timeout: 120_000 }, () => {
  let topics: Topics
  let folder: string

  beforeAll(async () => {
    topics = await testTopics(brokers)
    folder = await mkdtemp(join(tmpdir(), 'rxweft-example-'))
  })

  afterAll(async () => {
    await topics.close()
    await rm(folder, { recursive: true })
  })

  // manyCores does not end by itself, and has test/shards.
  it.each(Object.keys(samples).filter((name) => name !== 'manyCores'))('%s', async (name) => {
    const own = ['--prefix', `${topics.name(name)}-`, '--checkpoints', join(folder, name)]
    const committed = await runExample(name, '--brokers', brokers.join(','), ...own)
    expect(committed).toEqual(await runExample(name))
    expect(Object.values(committed).flat().length).toBeGreaterThan(1)
  })
})
