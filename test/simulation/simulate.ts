import { loadRxweft } from './core/rxweft.ts'
import { runSchedule } from './schedule.ts'
const rxweft = await loadRxweft()
const [from, to, traced] = process.argv.slice(2).map(Number)
const t = performance.now()
let bad = 0, dec = 0
for (let s = from; s < to; s++) {
  const v = await runSchedule(rxweft, s, Boolean(traced))
  dec += v.decisions
  if (v.problems.length || traced) { bad++; console.log(s, v.problems.slice(0,3), v.decisions); if (traced) {console.log(v.config); console.log(v.trace.join('\n')) }}
}
console.log(`${to-from} in ${performance.now()-t} ms, bad ${bad}, decisions ${dec}`)
