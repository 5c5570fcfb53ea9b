/**
 * The savepoint of a job that stops in all its processes, taken beside them while they still run: what it keeps is the last that each
 * shard has decided, and it is there once all have let their shards go.
 */
import { decodeSavepoint } from '../../../src/checkpoint/savepoints/savepointCodec.ts'
import type { Members } from '../../../src/contracts/members.ts'
import { job } from '../config.ts'
import { simulatedProcess } from '../core/process.ts'
import { definitionOf } from '../job/owner.ts'
import { simulatedCluster } from '../network/cluster.ts'
import { noFaults } from '../network/faultRates.ts'
import type { World } from '../world.ts'

export interface LastSavepoint {
  readonly ended: () => boolean
  problems(): readonly string[]
}

const name = 'last'

/** What a storage of tests does not know, and savepoints do not ask. */
const members = {} as Members

export function keepLast(world: World, shards: number): LastSavepoint {
  const { rxweft, agenda, brokers, config, decisions, disk, trace } = world
  const process = simulatedProcess(name, agenda)
  const cluster = simulatedCluster({
    ...{ rxweft, brokers, process, rates: noFaults, aimed: new Map(), reaches: () => true },
    ...{ requestTimeout: config.requestTimeout, transactionVersion: config.transactionVersion },
  })
  const options = { storage: disk.storageFor(process), clock: process.clock, shards, members }
  let end = ''
  rxweft['job/savepoints/savepointsOf']
    .savepointsOf(definitionOf(world, cluster, undefined), options)
    .keepLast(name)
    .then(
      ({ checkpoints }) => {
        end = `checkpoints ${checkpoints}`
      },
      (thrown) => {
        end = `${thrown}`
      },
    )
    .then(() => trace.note(() => `${name}: ${end}`))
  const last = (shard: number) => decisions.filter((one) => one.shard === shard).at(-1)?.entry

  return {
    ended: () => end !== '',
    problems() {
      const all = Array.from({ length: shards }, (_, shard) => last(shard))
      const bytes = disk.files.get(`${job}/savepoint/${name}/decided`)
      if (bytes === undefined) {
        const letGo = all.every((entry) => entry?.released !== undefined)
        return letGo ? [`all shards were let go, and there is no savepoint: ${end}`] : []
      }
      return decodeSavepoint(bytes, name).entries.flatMap(({ checkpoint, owner }, shard) => {
        const entry = all[shard]
        if (entry?.checkpoint === checkpoint && entry.owner === owner) return []
        return [
          `shard ${shard} went on to checkpoint ${entry?.checkpoint} behind the savepoint, which has ${checkpoint}`,
        ]
      })
    },
  }
}
