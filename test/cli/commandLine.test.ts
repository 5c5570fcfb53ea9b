import { describe, expect, it } from 'vitest'
import { program } from './program.ts'

describe('the command line of rxweft', () => {
  it.each([
    [['status', '--brokers', 'a:1'], "required option '--job <name>' not specified"],
    [['status', '--job', 'j'], '--brokers is missing, or --config'],
    [['status', '--job', 'j', '--config', 'nowhere.json'], 'nowhere.json cannot be loaded'],
    [['status', '--job', 'j', '--brokers', 'no port'], 'BAD_OPTION'],
    [['nonsense'], "unknown command 'nonsense'"],
    [['status', '--job', 'j', '--nonsense'], "unknown option '--nonsense'"],
    [['explain', 'nowhere.ts'], 'nowhere.ts cannot be loaded'],
    [['explain', import.meta.filename, '--format', 'x'], 'Allowed choices are text, mermaid, svg'],
  ])('says what is wrong with %j, and exits with 2', async (given, what) => {
    const run = program(...given)
    expect(await run.ended).toBe(2)
    expect(run.said).toContain(what)
    expect(run.said).not.toContain('    at ')
  })

  it('prints its commands and exit codes on --help, and exits with 0', async () => {
    const run = program('--help')
    expect(await run.ended).toBe(0)
    for (const command of ['status', 'explain']) expect(run.said).toContain(command)
    expect(run.said).toContain('2 wrong arguments')
  })
})
