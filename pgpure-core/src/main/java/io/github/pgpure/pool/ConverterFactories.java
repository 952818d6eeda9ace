package io.github.pgpure.pool;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.TransactionStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makers of converters that have to ask the server first, and have found nothing yet (an extension that is not installed, say): each
 * is asked again on every new connection, and when somebody has met a type that nobody knew, until it has one; thread-safe.
 */
final class ConverterFactories {

    private static final Logger log = LoggerFactory.getLogger(ConverterFactories.class);

    private static final Duration ROLLBACK_TIMEOUT = Duration.ofSeconds(5);

    private final List<Function<PgConnection, Optional<Converter<?>>>> pending = new CopyOnWriteArrayList<>();
    private final TypeRegistry types;

    /** The types that were known when they were asked last. */
    private final AtomicReference<Object> askedKnowing = new AtomicReference<>();

    ConverterFactories(TypeRegistry types) {
        this.types = types;
    }

    /** Asks a new one, on a connection that the calling thread owns; what goes wrong is the caller's to know. */
    void add(Function<PgConnection, Optional<Converter<?>>> factory, PgConnection connection) {
        Optional<Converter<?>> converter = factory.apply(connection);
        if (converter.isPresent()) {
            types.add(converter.get());
        } else {
            askedKnowing.set(types.snapshot().knownTypes());
            pending.add(factory);
        }
    }

    /** Whether to ask again since other types are known than the last time; one caller only is told so. */
    boolean areDue() {
        if (pending.isEmpty()) {
            return false;
        }
        Object known = types.snapshot().knownTypes();
        Object before = askedKnowing.get();
        return known != before && askedKnowing.compareAndSet(before, known);
    }

    /** Asks those that have found nothing yet, on a session that nobody else uses. Their failures are logged. */
    void ask(Session session) {
        for (Function<PgConnection, Optional<Converter<?>>> factory : pending) {
            try (PgConnection connection = session.connection(closed -> {})) {
                Optional<Converter<?>> converter = factory.apply(connection);
                if (converter.isPresent() && pending.remove(factory)) {
                    types.add(converter.get());
                }
            } catch (RuntimeException | Error e) {
                log.warn("a converter could not be made; it is tried again on a new connection", e);
            }
        }
        if (session.isDraining() || session.transactionStatus() != TransactionStatus.IDLE) {
            session.rollback(ROLLBACK_TIMEOUT); // after the drain, for which it waits
        }
    }
}
