/**
 * Reads numbers from a growing file, one per line, and writes them and their running total as JSON
 * lines, exactly once. Runs until SIGTERM.
 *
 *   node --conditions=rxweft-source --import tsx examples/extend/totals.ts numbers.txt output
 */
import { defineJob, execute, fileStorage, map, to } from 'rxweft'
import { crashAt } from '../program/crashAt.ts'
import { jsonLines } from './jsonLines.ts'
import { tailFile } from './tailFile.ts'
import { totalAtBarriers } from './totalAtBarriers.ts'

const [input = 'numbers.txt', output = 'output'] = process.argv.slice(2)

const totals = defineJob('totals', ({ from }) => {
  const numbers = from(tailFile(input)).pipe(map(Number))
  return [
    numbers.pipe(to(jsonLines(`${output}/numbers`))),
    numbers.pipe(totalAtBarriers('total'), to(jsonLines(`${output}/totals`))),
  ]
})

const job = execute(totals, {
  checkpointing: { interval: 100 },
  storage: fileStorage(`${output}/checkpoints`),
  probe: crashAt(process.env.RXWEFT_CRASH_AT),
})
process.once('SIGTERM', job.stop)
await job.done
