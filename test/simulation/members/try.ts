import { loadRxweft } from '../core/rxweft.ts'
import { runMembers } from './membersSchedule.ts'

const [from = 1, count = 1, trace = 0, large = 0] = process.argv.slice(2).map(Number)
const rx = await loadRxweft(process.env.FOLDER || undefined)
for (let seed = from; seed < from + count; seed++) {
  const t = performance.now()
  const v = await runMembers(rx, seed, trace > 0, large > 0)
  const c: any = v.config
  console.log(
    `seed ${seed}: ${v.problems.length === 0 ? 'ok' : 'BROKEN'} ${v.decisions} decisions ${Math.round(performance.now() - t)} ms; ${c.shardCount} shards on ${c.instances.length}; ${c.troubles}`,
  )
  for (const p of v.problems.slice(0, 6)) console.log('   ', p.slice(0, 400))
  if (trace > 0)
    console.log(
      v.trace
        .filter((l) => trace > 1 || /director|group|plan|shard-|member-|restarting|failed|taken/.test(l))
        .join('\n'),
    )
}
process.exit(0)
