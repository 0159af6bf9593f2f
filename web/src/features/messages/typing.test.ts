import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useTyping } from './typing'

const [here, there] = ['conversation-1', 'conversation-2']
const [ana, ben] = ['ana', 'ben']

describe('who is writing', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    setActivePinia(createPinia())
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('r20 is forgotten six seconds after the last sign of it', () => {
    const typing = useTyping()
    typing.started(here, ana)
    vi.advanceTimersByTime(5_999)
    expect(typing.byConversation.get(here)).toEqual([ana])
    vi.advanceTimersByTime(1)
    expect(typing.byConversation.get(here)).toEqual([])
  })

  it('goes on with each sign, and is shown once', () => {
    const typing = useTyping()
    for (let sign = 0; sign < 5; sign += 1) {
      typing.started(here, ana)
      expect(typing.byConversation.get(here)).toEqual([ana])
      vi.advanceTimersByTime(3_000)
    }
    vi.advanceTimersByTime(2_999)
    expect(typing.byConversation.get(here)).toEqual([ana])
    vi.advanceTimersByTime(1)
    expect(typing.byConversation.get(here)).toEqual([])
  })

  it('ends with the message, for that person in that conversation only', () => {
    const typing = useTyping()
    typing.started(here, ana)
    typing.started(here, ben)
    typing.started(there, ana)
    typing.stopped(here, ana)
    expect(typing.byConversation.get(here)).toEqual([ben])
    expect(typing.byConversation.get(there)).toEqual([ana])
    // One who begins again has the whole time again: the first one's timer is gone.
    vi.advanceTimersByTime(5_000)
    typing.started(here, ana)
    vi.advanceTimersByTime(5_999)
    expect(typing.byConversation.get(here)).toEqual([ana])
  })

  it('leaves no timer behind when it is cleared', () => {
    const typing = useTyping()
    typing.started(here, ana)
    typing.clear()
    expect(typing.byConversation.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
