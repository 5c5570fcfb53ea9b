/** Snapshot files that are truncated, bit-flipped, deleted, or another job's: the job stops, and goes on once the file is put back. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeSnapshot } from '../../../src/checkpoint/snapshotWriter.ts'
import type { Fault } from '../fault.ts'
import { between } from '../seededRandom.ts'
import type { Site } from '../site.ts'
import { stopsAsItMust } from '../stopsAsItMust.ts'

type Damage = (file: string, content: Buffer, random: () => number) => Promise<void>

function damaged(name: string, mustStop: string, damage: Damage): Fault {
  return {
    name: `snapshot ${name}`,
    short: 1,
    mustStop,
    async inject(site) {
      await site.stop()
      const file = await theSnapshot(site)
      const content = await readFile(file)
      await damage(file, content, site.random)
      await stopsAsItMust(site, mustStop)
      await writeFile(file, content, { mode: 0o600 })
    },
  }
}

/** After a stop the newest is the one that the ledger names; others are of copies that were killed. */
async function theSnapshot({ checkpoints, job }: Site): Promise<string> {
  const folder = join(checkpoints, job, '0')
  const files = (await readdir(folder)).filter((name) => name.startsWith('chk-')).map((name) => join(folder, name))
  const checkpoint = (file: string): number => Number(basename(file).split('-')[1])
  const last = Math.max(...files.map(checkpoint))
  const times = await Promise.all(
    files.filter((file) => checkpoint(file) === last).map(async (file) => ({ file, at: (await stat(file)).mtimeMs })),
  )
  const newest = times.sort((a, b) => b.at - a.at)[0]
  if (newest === undefined) throw new Error('after a stop there was to be a snapshot, and there is none')
  return newest.file
}

const truncate: Damage = (file, content, random) =>
  writeFile(file, content.subarray(0, between(random, 0, content.length - 1)))

const flip: Damage = (file, content, random) => {
  const bit = between(random, 0, 8 * content.length - 1)
  const copy = Buffer.from(content)
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
  return writeFile(file, copy)
}

const anothers: Damage = (file) => {
  const identity = { job: 'another', shard: 0, lineage: randomUUID(), checkpoint: 1, attempt: randomUUID() }
  return writeFile(file, writeSnapshot({ ...identity, base: [], states: [] }).chunks)
}

export const snapshots: readonly Fault[] = [
  damaged('truncated', 'SNAPSHOT_', truncate),
  damaged('with a flipped bit', 'SNAPSHOT_', flip),
  damaged('deleted', 'SNAPSHOT_MISSING', (file) => rm(file)),
  damaged('of another job', 'SNAPSHOT_FOREIGN', anothers),
]
