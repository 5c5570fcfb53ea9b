import { loadRxweft } from '/work/main/test/simulation/core/rxweft.ts'
import { runSchedule } from '/work/main/test/simulation/schedule.ts'
import { mutants } from '/work/main/test/simulation/mutants/mutants.ts'
import { patchedSources } from '/work/main/test/simulation/mutants/patchedSources.ts'
const [max, ...names] = process.argv.slice(2)
for (const name of names.length ? names : Object.keys(mutants)) {
  try {
  const p = patchedSources(mutants[name]!)
  const rx = await loadRxweft(p.folder)
  let found = ''
  let s = 1
  for (; s <= Number(max); s++) { const v = await runSchedule(rx, s); if (v.problems.length) { found = v.problems[0]!.slice(0,160); break } }
  p.remove()
  console.log(name.padEnd(36), found ? `seed ${s}: ${found}` : 'NOT FOUND')
  } catch (e) { console.log(name, 'ERR', String(e).slice(0,400)) }
}
