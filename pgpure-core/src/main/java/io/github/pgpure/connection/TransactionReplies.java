package io.github.pgpure.connection;

import io.github.pgpure.protocol.BackendMessage;
import java.io.IOException;

/** Takes the answers to the statements of a transaction that was sent with one Sync. */
final class TransactionReplies implements AnswerTaker {

    private final ExtendedReplies[] replies;

    /** The statement that is being answered. */
    private int current;

    TransactionReplies(ExtendedReplies[] replies) {
        this.replies = replies;
    }

    @Override
    public void take(BackendMessage message, Wire wire) throws IOException {
        if (current == replies.length) {
            throw Replies.unexpected(message, "the answer to a transaction");
        }
        ExtendedReplies reply = replies[current];
        reply.take(message, wire);
        if (reply.isComplete() || reply.isSuspended()) {
            current++;
        }
    }

    /** Throws what is wrong with an answer that came without an error. */
    void check() {
        for (ExtendedReplies reply : replies) {
            reply.check();
        }
    }

    /** Gives the answers to those who were promised them. */
    void giveTo(GatheredTransaction transaction) {
        for (int i = 0; i < replies.length; i++) {
            transaction.take(i, transaction.keepsRows(i) ? replies[i].rows() : (Object) replies[i].rowCount());
        }
    }
}
