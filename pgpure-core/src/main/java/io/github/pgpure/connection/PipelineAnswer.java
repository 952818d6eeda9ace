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

    private final Runnable beforeWaiting;

    /** @param beforeWaiting is called by the thread that is about to wait; what it throws is thrown there */
    PipelineAnswer(Runnable beforeWaiting) {
        this.beforeWaiting = beforeWaiting;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new PipelineAnswer<>(beforeWaiting);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        beforeWaiting();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        beforeWaiting();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        beforeWaiting();
        return super.join();
    }

    private void beforeWaiting() {
        if (!isDone()) {
            beforeWaiting.run();
        }
    }
}
