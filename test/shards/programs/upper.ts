/**
 * Upper case on an embedded log, over shards. It prints each event and its end as JSON, and "main" or "thread" where it begins and ends.
 *
 *   upper.ts FOLDER SHARDS [--until latest] [MISCHIEF]
 *
 * Mischief, in the thread that reads the word "poison": die (process.exit), throw (where nobody catches it), fatal, stop (asks the job to);
 * or of the program: only-main (executes nothing in threads), other-shards (wants another number there), before (throws there before it executes),
 * two-jobs (executes another job too, whose records go to the topic "other"), late (shard 0 executes nothing, and shard 1 takes its time),
 * dispose (leaves the block of `await using` at once there). The first
 * "poison" only. On SIGUSR2 it prints its metrics.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isMainThread, workerData } from 'node:worker_threads'
import { defineJob, execute, FatalError, fileStorage, fixedDelay, type Job, map, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'

const [folder = '', number = '1', ...more] = process.argv.slice(2)
const shards = Number(number)
const says = (word: string): boolean => more.includes(word)
const log = embeddedLog(join(folder, 'log'))
const until = says('--until') ? 'latest' : undefined
const once = join(folder, 'poisoned')

function poisoned(): void {
  if (existsSync(once)) return
  if (!says('fatal')) writeFileSync(once, '')
  if (says('die')) process.exit(3)
  if (says('throw'))
    setImmediate(() => {
      throw new Error('out of the blue')
    })
  if (says('fatal')) throw new FatalError('POISONED', 'it was bad', { hint: 'Drink something else' })
  if (says('stop')) running.stop()
}

const copying = (name: string, topic: string): Job =>
  defineJob(name, ({ from }) =>
    from(embeddedSource(log, { topic: 'in', value: text, until })).pipe(
      map((value) => {
        if (value === 'poison') poisoned()
        return value.toUpperCase()
      }),
      to(embeddedSink(log, { topic, value: text })),
    ),
  )

console.log(isMainThread ? 'main begins' : 'thread begins')
if (!isMainThread && says('before')) throw new Error('no such luck')
if (!isMainThread && says('late')) {
  if (workerData['rxweft-shard'].shard === 0) process.exit(0)
  await pause(700)
  writeFileSync(join(folder, 'late'), '')
}
const options = {
  storage: fileStorage(join(folder, 'checkpoints')),
  checkpointing: { interval: 50 },
  restart: fixedDelay({ attempts: 3, delay: 20 }),
}
const another = says('two-jobs') ? execute(copying('other', 'other'), options) : undefined
if (!isMainThread && says('only-main')) process.exit(0)
const running = execute(copying('upper', 'out'), {
  ...options,
  shards: !isMainThread && says('other-shards') ? shards + 1 : shards,
})
running.events$.subscribe((event) => console.log(JSON.stringify(event)))
process.once('SIGTERM', running.stop)
process.on('SIGUSR2', () => running.metrics().then((all) => console.log(`metrics ${JSON.stringify(all)}`)))
if (!isMainThread && says('dispose')) await running[Symbol.asyncDispose]()
try {
  console.log(JSON.stringify(await running.done))
  await another?.stop()
} catch (error) {
  const { code, where, hint, consequence } = error as FatalError
  console.log(JSON.stringify({ code, where, hint, consequence }))
  process.exitCode = 1
}
console.log(isMainThread ? 'main ends' : 'thread ends')
