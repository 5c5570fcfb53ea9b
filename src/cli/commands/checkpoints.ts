import { Command } from 'commander'
import { type Savepoint, savepoints } from '../../checkpoint/savepoints/savepoints.ts'
import { savedState } from '../../testing/replay/savedState.ts'
import { keysByOperator, stateDifferences } from '../../testing/replay/stateDifferences.ts'
import { type SavedJob, type SavedOptions, savedJob, savedShards, withSaved } from '../savedJob.ts'
import { counted, grouped, shownBytes, table } from '../table.ts'
import { exitCodes, print } from '../tell.ts'

/** Checkpoints of a job that were kept as savepoints. */
export function checkpointsCommand(): Command {
  const command = new Command('checkpoints').description('look at checkpoints that were kept as savepoints')
  command.addCommand(withSaved(new Command('list')).description('list the savepoints of a job').action(list))
  const show = withSaved(new Command('show')).argument('<name>', 'name of the savepoint')
  command.addCommand(show.description('print positions and state of a savepoint').action(showOne))
  const verify = withSaved(new Command('verify')).argument('[name]', 'name of the savepoint; all, if left out')
  command.addCommand(verify.description('read all snapshots of savepoints, and decode their state').action(verifyAll))
  const diff = withSaved(new Command('diff')).argument('<a>').argument('<b>', 'names of two savepoints')
  command.addCommand(diff.description('print the keys whose state differs between two savepoints').action(diffBoth))
  return command
}

async function list(file: string, options: SavedOptions): Promise<void> {
  const { job, storage } = await savedJob(file, options)
  const found = await savepoints(storage, job.name)
  print(options.json, found, () => (found.length === 0 ? 'no savepoints' : shownList(found)))
}

function shownList(found: readonly Savepoint[]): string {
  const rows = found.map(({ name, takenAt, lineage, checkpoints }) => {
    return [name, new Date(takenAt).toISOString(), checkpoints.join(' '), lineage]
  })
  return table(['savepoint', 'taken', 'checkpoints', 'lineage'], rows)
}

async function showOne(file: string, name: string, options: SavedOptions): Promise<void> {
  const found = await contentOf(await savedJob(file, options), name)
  print(options.json, found, () => {
    const rows = found.shards.flatMap(({ shard, checkpoint, bytes, positions, state }) => [
      [`shard ${shard}`, `checkpoint ${grouped(checkpoint)}`, shownBytes(bytes)],
      ...positions.map(({ source, topic, partition, offset }) => [source, `${topic}/${partition}`, grouped(offset)]),
      ...state.map(({ operator, keys }) => [operator, 'state', counted(keys, 'key')]),
    ])
    return table(['', name, ''], rows)
  })
}

async function contentOf(saved: SavedJob, name: string) {
  const shards = await savedShards(saved, name)
  return {
    savepoint: name,
    shards: shards.map((one, shard) => ({
      ...{ shard, checkpoint: one.entry.checkpoint, bytes: one.entry.snapshot?.bytes ?? 0 },
      positions: one.entry.positions.flatMap(({ source, splits }) => splits.map((split) => ({ source, ...split }))),
      state: [...keysByOperator(savedState(saved.job, one))].map(([operator, keys]) => ({ operator, keys })),
    })),
  }
}

async function verifyAll(file: string, name: string | undefined, options: SavedOptions): Promise<void> {
  const saved = await savedJob(file, options)
  const names = name === undefined ? (await savepoints(saved.storage, saved.job.name)).map((one) => one.name) : [name]
  const found: { readonly savepoint: string; readonly problem: string | null }[] = []
  for (const one of names) {
    const problem = await contentOf(saved, one).then(
      () => null,
      (thrown: Error) => thrown.message,
    )
    found.push({ savepoint: one, problem })
  }
  print(options.json, found, () => found.map((one) => `${one.savepoint}: ${one.problem ?? 'whole'}`).join('\n'))
  if (found.some(({ problem }) => problem !== null)) process.exitCode = exitCodes.failed
}

async function diffBoth(file: string, a: string, b: string, options: SavedOptions): Promise<void> {
  const saved = await savedJob(file, options)
  const [before, after] = await Promise.all([a, b].map((name) => savedShards(saved, name)))
  const tables = (shards: typeof before) => (shards ?? []).flatMap((one) => savedState(saved.job, one))
  const found = stateDifferences(tables(before), tables(after)).map(({ operator, state, key, expected, actual }) => {
    const how = expected === undefined ? 'added' : actual === undefined ? 'removed' : 'changed'
    return { operator, state, key: String(key), how }
  })
  print(options.json, found, () => {
    const rows = found.map(({ operator, state, key, how }) => [how, operator, state, key])
    return found.length === 0 ? 'equal' : table(['', 'operator', 'state', 'key'], rows)
  })
  if (found.length > 0) process.exitCode = exitCodes.failed
}
