/**
 * The Docker engine of this machine, and the image to start; fails fast if either is unavailable.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ContainerRuntimeClient } from 'testcontainers'
import { UnavailableError } from './foundBroker.ts'

/** ms */
const limits = { engine: 3_000, pull: 120_000 }

/** Rejects with UnavailableError if none answers. */
export async function dockerEngine(): Promise<ContainerRuntimeClient> {
  // testcontainers' own cleaner would be one more image to pull; see endGuard.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'
  const { getContainerRuntimeClient } = await import('testcontainers')
  return within(limits.engine, getContainerRuntimeClient()).catch(() => {
    throw new UnavailableError('no engine answers')
  })
}

/**
 * Pulls the image unless it exists. Rejects with UnavailableError if it cannot be pulled in time.
 */
export async function ensureImage(
  engine: ContainerRuntimeClient,
  image: string,
  say: (line: string) => void,
): Promise<void> {
  const { ImageName } = await import('testcontainers')
  const name = ImageName.fromString(image)
  if (await engine.image.exists(name)) return
  say(`pulling the Docker image ${image}, once`)
  await within(limits.pull, engine.image.pull(name)).catch((error: Error) => {
    throw new UnavailableError(`the image ${image} could not be pulled: ${error.message.split('\n')[0]}`)
  })
}

function within<R>(limit: number, doing: Promise<R>): Promise<R> {
  const late = pause(limit, undefined, { ref: false }).then(() => {
    throw new Error(`not within ${limit / 1000} s`)
  })
  return Promise.race([doing, late])
}
