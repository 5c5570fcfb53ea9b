/**
 * Appends numbers to the topic "t" of an embedded log, three at a time, and prints the next number
 * once they are durable, until it is killed.
 */
import { embeddedLog } from 'rxweft/embedded'

const [file = ''] = process.argv.slice(2)
const log = embeddedLog(file)
for (let at = log.end('t', 0); ; at += 3) {
  await log.append(
    't',
    [at, at + 1, at + 2].map((value) => ({ value: String(value) })),
  )
  process.stdout.write(`${at + 3}\n`)
}
