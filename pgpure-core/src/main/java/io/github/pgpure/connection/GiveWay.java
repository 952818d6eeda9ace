package io.github.pgpure.connection;

import io.github.pgpure.transport.VirtualThreads;

/**
 * Whether to let others have the processor once before waiting for an answer. Where all processors are busy, the server's process is among those
 * others, and mostly has answered when the caller goes on: neither has been put to sleep and woken then, which costs more than the statement. Where the
 * server is far away, or processors are idle, it has not; a session finds that out by itself and asks again now and then. For the session's owner.
 *
 * <p>Not on virtual threads: to them giving way is as expensive as waiting.
 */
final class GiveWay {

    private static final int MOST = 8;

    /** So many waits are left alone after giving way has been in vain often. */
    private static final int REST = 256;

    private int score;
    private int rest;
    private boolean crowded;

    /** Whether others wait for what the session is used by: a thread that is woken for it would have to wait for those that give way. */
    void crowded(boolean othersWait) {
        crowded = othersWait;
    }

    /** Whether to give way now, and {@linkplain #tell} how it was. */
    boolean isWorthIt() {
        if (crowded || rest > 0 && --rest > 0) {
            return false;
        }
        return !VirtualThreads.isCurrent();
    }

    /** Whether the answer had come. */
    void tell(boolean answered) {
        score = answered ? Math.min(MOST, score + 1) : score - 1;
        if (score <= -MOST) {
            score = 0;
            rest = REST;
        }
    }
}
