package io.github.pgpure.bench;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A client whose own API is asynchronous: it is measured by callbacks too, as it is meant to be used. */
interface AsyncPeerClient extends PeerClient {

    /** Gets the value, or the failure. */
    interface Callback {
        void done(int value, @Nullable Throwable failure);
    }

    void select(int id, Callback callback);

    void transaction(int id, int value, Callback callback);

    @Override
    default int select(int id) throws Exception {
        Waiter waiter = new Waiter();
        select(id, waiter);
        return waiter.get();
    }

    @Override
    default int transaction(int id, int value) throws Exception {
        Waiter waiter = new Waiter();
        transaction(id, value, waiter);
        return waiter.get();
    }

    /** How a blocking caller waits. */
    final class Waiter extends CompletableFuture<Integer> implements Callback {
        @Override
        public void done(int value, @Nullable Throwable failure) {
            if (failure == null) {
                complete(value);
            } else {
                completeExceptionally(failure);
            }
        }
    }
}
