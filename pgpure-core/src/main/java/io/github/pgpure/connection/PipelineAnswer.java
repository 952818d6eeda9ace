package io.github.pgpure.connection;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The answer to a statement that may not have been sent yet. Whoever begins to wait for it, or for what is derived from it, first has it sent, or
 * is told why that cannot be.
 */
class PipelineAnswer<T> extends CompletableFuture<T> {

    private final Sender sender;

    /** Has statements sent. */
    interface Sender {

        /**
         * Is called by a thread that is about to wait, until it has its answer; what it throws is thrown there.
         *
         * @param derived whether what is waited for is derived from an answer
         * @return false when there was nothing to send
         */
        boolean send(boolean derived);
    }

    PipelineAnswer(Sender sender) {
        this.sender = sender;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Derived<>(sender);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        sendFirst();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        sendFirst();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        sendFirst();
        return super.join();
    }

    void sendFirst() {
        send(false);
    }

    final void send(boolean derived) {
        boolean sent = true;
        while (sent && !isDone()) {
            sent = sender.send(derived); // functions of the caller may have added more
        }
    }

    /** What the caller has made of an answer, which may have something to say about a failure. */
    private static final class Derived<T> extends PipelineAnswer<T> {

        Derived(Sender sender) {
            super(sender);
        }

        @Override
        void sendFirst() {
            try {
                send(true);
            } catch (RuntimeException | Error e) {
                if (!isDone()) {
                    throw e;
                }
            }
        }
    }
}
