package io.github.pgpure.spring;

import io.github.pgpure.Notification;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** One method with {@link PgListener}: turns a notification into a call. */
final class PgListenerMethod implements Consumer<Notification> {

    private static final Log logger = LogFactory.getLog(PgListener.class);

    private final Object bean;
    private final Method method;
    private final List<String> channels;
    private final String pool;
    private final Supplier<PayloadConverter> payloadConverter;
    private final Supplier<@Nullable PgListenerErrorHandler> errorHandler;
    private final int concurrency;
    private final Supplier<ObservationRegistry> observations;
    private volatile @Nullable PayloadConverter preparedConverter;
    private volatile ObservationRegistry registry = ObservationRegistry.NOOP;
    private volatile @Nullable PgListenerWorkers workers;

    /** @param payloadConverter asked only for a parameter that is neither a String nor a Notification */
    PgListenerMethod(
            Object bean,
            Method method,
            List<String> channels,
            String pool,
            int concurrency,
            Supplier<ObservationRegistry> observations,
            Supplier<PayloadConverter> payloadConverter,
            Supplier<@Nullable PgListenerErrorHandler> errorHandler) {
        if (method.getParameterCount() > 1) {
            throw new IllegalStateException("@PgListener method " + method
                    + " must have at most one parameter: a String, a Notification or a class that is read from JSON");
        }
        if (channels.isEmpty()) {
            throw new IllegalStateException("@PgListener method " + method + " names no channel");
        }
        if (concurrency < 1) {
            throw new IllegalStateException(
                    "@PgListener method " + method + " must have a concurrency of at least 1, not " + concurrency);
        }
        this.bean = bean;
        this.concurrency = concurrency;
        this.observations = observations;
        this.method = method;
        this.channels = channels;
        this.pool = pool;
        this.payloadConverter = payloadConverter;
        this.errorHandler = errorHandler;
        method.setAccessible(true);
    }

    List<String> channels() {
        return channels;
    }

    /** The name of the pool's bean, empty for the default one. */
    String pool() {
        return pool;
    }

    /** Fetches what it takes to read the payload, so that a listener that cannot work fails the start and not each notification. */
    void start() {
        registry = observations.get();
        workers = new PgListenerWorkers(name(), concurrency);
        if (method.getParameterCount() == 1 && !isPlain(method.getParameterTypes()[0])) {
            preparedConverter = payloadConverter.get();
        }
    }

    /** Takes nothing more; what has arrived is still handled. */
    void stop() {
        PgListenerWorkers current = workers;
        if (current != null) {
            current.shutdown();
        }
    }

    /** Waits, at most for this time, until what has arrived is handled. */
    void awaitEnd(long nanos) {
        PgListenerWorkers current = workers;
        if (current != null) {
            current.awaitEnd(nanos);
        }
    }

    @Override
    public void accept(Notification notification) {
        PgListenerWorkers current = workers;
        if (current != null) {
            current.run(() -> observed(notification));
        }
    }

    private void observed(Notification notification) {
        if (registry.isNoop()) {
            handle(notification, Observation.NOOP);
            return;
        }
        Observation observation = Observation.createNotStarted("pgpure.listener", registry)
                .contextualName("process " + notification.channel())
                .lowCardinalityKeyValue("messaging.system", "postgresql")
                .lowCardinalityKeyValue("messaging.destination.name", notification.channel())
                .lowCardinalityKeyValue("pgpure.listener.name", name())
                .start();
        try (Observation.Scope scope = observation.openScope()) {
            handle(notification, observation);
        } finally {
            observation.stop();
        }
    }

    private void handle(Notification notification, Observation observation) {
        @Nullable Object[] arguments;
        try {
            arguments = arguments(notification);
        } catch (RuntimeException e) {
            // What could not be read may be quoted in it.
            observation.error(new IllegalArgumentException(
                    "the payload could not be read: " + e.getClass().getName()));
            failed(notification, e, true);
            return;
        }
        try {
            method.invoke(bean, arguments);
        } catch (InvocationTargetException e) {
            observation.error(e.getTargetException());
            failed(notification, e.getTargetException(), false);
        } catch (IllegalAccessException | RuntimeException e) {
            observation.error(e);
            failed(notification, e, false);
        }
    }

    private @Nullable Object[] arguments(Notification notification) {
        if (method.getParameterCount() == 0) {
            return new Object[0];
        }
        PayloadConverter converter = preparedConverter;
        if (converter != null) {
            return new @Nullable Object[] {
                converter.convert(notification.payload(), method.getGenericParameterTypes()[0])
            };
        }
        boolean whole = method.getParameterTypes()[0] == Notification.class;
        return new Object[] {whole ? notification : notification.payload()};
    }

    private static boolean isPlain(Class<?> parameterType) {
        return parameterType == Notification.class || parameterType == String.class;
    }

    private void failed(Notification notification, Throwable failure, boolean reading) {
        PgListenerErrorHandler handler = errorHandler.get();
        if (handler != null) {
            try {
                handler.handle(name(), notification, failure);
            } catch (RuntimeException e) {
                logger.error("The error handler failed for " + this, e);
            }
        } else if (reading) {
            // Readers quote what they could not read: only their kind of error is safe to show.
            logger.error(this + " could not read the payload of a notification on channel " + notification.channel()
                    + " as " + method.getParameterTypes()[0].getName() + " ("
                    + failure.getClass().getName() + "); it is left out");
        } else {
            logger.error(
                    this + " failed for a notification on channel " + notification.channel()
                            + "; the next one is delivered all the same",
                    failure);
        }
    }

    private String name() {
        return ClassUtils.getUserClass(bean).getSimpleName() + "." + method.getName();
    }

    @Override
    public String toString() {
        return "@PgListener " + name();
    }
}
