package io.github.pgpure.pool;

import io.github.pgpure.Notification;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConsumer;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.connection.Session;
import io.github.pgpure.connection.SessionOperations;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.transport.Deadline;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections to one PostgreSQL database; thread-safe.
 */
public final class PgPool extends SessionOperations implements AutoCloseable {

    private PgPool() {}

    public static PgPool open(String connectionString) {
        return open(PgConnectOptions.parse(connectionString), PgPoolOptions.defaults());
    }

    public static PgPool open(PgConnectOptions connectOptions) {
        return open(connectOptions, PgPoolOptions.defaults());
    }

    public static PgPool open(PgConnectOptions connectOptions, PgPoolOptions poolOptions) {
        throw new UnsupportedOperationException();
    }

    public PgConnection checkoutConnection() {
        throw new UnsupportedOperationException();
    }

    public PgTransaction checkoutInTransaction() {
        return checkoutInTransaction(TransactionOptions.defaults());
    }

    public PgTransaction checkoutInTransaction(TransactionOptions options) {
        throw new UnsupportedOperationException();
    }

    public <T extends @Nullable Object> T inTransaction(PgFunction<PgTransaction, T> work) {
        return inTransaction(TransactionOptions.defaults(), work);
    }

    public <T extends @Nullable Object> T inTransaction(TransactionOptions options, PgFunction<PgTransaction, T> work) {
        throw new UnsupportedOperationException();
    }

    public void useTransaction(PgConsumer<PgTransaction> work) {
        useTransaction(TransactionOptions.defaults(), work);
    }

    public void useTransaction(TransactionOptions options, PgConsumer<PgTransaction> work) {
        throw new UnsupportedOperationException();
    }

    public int maxConnections() {
        throw new UnsupportedOperationException();
    }

    public int idleConnections() {
        throw new UnsupportedOperationException();
    }

    public int waitingTasks() {
        throw new UnsupportedOperationException();
    }

    public PoolStats stats() {
        throw new UnsupportedOperationException();
    }

    public PgConnectOptions connectOptions() {
        throw new UnsupportedOperationException();
    }

    public PgPoolOptions options() {
        throw new UnsupportedOperationException();
    }

    public boolean isClosed() {
        throw new UnsupportedOperationException();
    }

    public void addConverter(Converter<?> converter) {
        throw new UnsupportedOperationException();
    }

    public void addConverterWithArray(Converter<?> converter) {
        throw new UnsupportedOperationException();
    }

    public void addConverterUsing(Function<PgConnection, Optional<Converter<?>>> factory) {
        throw new UnsupportedOperationException();
    }

    public OptionalInt findOidForType(String typeName) {
        throw new UnsupportedOperationException();
    }

    public Subscription listen(String channel, Consumer<Notification> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected Session acquire(Deadline deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void release(Session session) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected java.time.Duration defaultTimeout() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
