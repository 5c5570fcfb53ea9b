/** Machines as network namespaces, where this system lets us make them: root on Linux. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { whyNoNamespaces } from '../../../tools/machines/ownNamespaces.ts'
import { testProgram } from '../../../tools/support/testProgram.ts'

const why = await whyNoNamespaces()

describe.skipIf(why !== null)(`two machines on one${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('talk, lose one direction silently, lose both silently, and go on; the network here is untouched', async () => {
    const before = links()
    const program = testProgram([], {}, join(import.meta.dirname, 'twoMachines.ts'))
    expect(await program.ended, program.said).toBe(0)
    expect(JSON.parse(program.said)).toEqual({
      whole: ['heard whole', 'got WHOLE'],
      oneWay: ['heard deaf'],
      unplugged: [],
      all: ['listening', 'connected', 'heard whole', 'got WHOLE', 'heard deaf', 'got DEAF', 'heard cut', 'got CUT'],
    })
    expect(links()).toBe(before)
  })
})

function links(): string {
  return execFileSync('sh', ['-c', 'ip -br link; ip netns list; ls /run/netns 2>/dev/null || true'], {
    encoding: 'utf8',
  })
}
