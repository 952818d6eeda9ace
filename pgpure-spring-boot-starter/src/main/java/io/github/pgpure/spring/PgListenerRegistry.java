package io.github.pgpure.spring;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * The application's {@link PgListener} methods: subscribes them when the context has started and unsubscribes them before it stops;
 * thread-safe.
 *
 * <p>The start waits until the server listens. It does not for a pool that does not {@linkplain io.github.pgpure.PgPoolOptions#failFast()
 * fail fast}: its channels are subscribed to as soon as there is a server, each with a {@link PgListenerGapEvent}.
 */
public class PgListenerRegistry implements SmartLifecycle {

    /** Above the web server's phases: listeners start after it and stop before it. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 100;

    /** How long what has arrived may take when listening ends, before it is interrupted. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final BeanFactory beanFactory;
    private final ApplicationEventPublisher events;
    private final Object lock = new Object(); // never held while a pool is talked to
    private final List<PgListenerMethod> methods = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private @Nullable PgLateSubscriber present; // of the present run; null while stopped

    /**
     * @param beanFactory has the pools
     * @param events is told when notifications may have been missed, by a {@link PgListenerGapEvent}
     */
    public PgListenerRegistry(BeanFactory beanFactory, ApplicationEventPublisher events) {
        this.beanFactory = beanFactory;
        this.events = events;
    }

    void add(PgListenerMethod method) {
        PgLateSubscriber run;
        synchronized (lock) {
            methods.add(method);
            run = present;
        }
        if (run != null) { // a bean that is made later, a lazy one for example
            subscribe(method, run);
        }
    }

    @Override
    public void start() {
        PgLateSubscriber run = new PgLateSubscriber();
        List<PgListenerMethod> all;
        synchronized (lock) {
            if (present != null) {
                return;
            }
            present = run;
            all = List.copyOf(methods);
        }
        try {
            all.forEach(method -> subscribe(method, run));
        } catch (RuntimeException | Error e) {
            stop(); // so that it can be started again
            throw e;
        }
    }

    @Override
    public void stop() {
        PgLateSubscriber run;
        List<Subscription> ended;
        List<PgListenerMethod> all;
        synchronized (lock) {
            run = present;
            present = null;
            ended = List.copyOf(subscriptions);
            subscriptions.clear();
            all = List.copyOf(methods);
        }
        if (run != null) {
            run.stop();
        }
        ended.forEach(Subscription::close);
        all.forEach(PgListenerMethod::stop);
        long deadlineNanos = System.nanoTime() + STOP_LIMIT.toNanos();
        all.forEach(method -> method.awaitEnd(Math.max(0, deadlineNanos - System.nanoTime())));
    }

    @Override
    public boolean isRunning() {
        synchronized (lock) {
            return present != null;
        }
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    private void subscribe(PgListenerMethod method, PgLateSubscriber run) {
        method.start();
        PgPool pool = method.pool().isEmpty()
                ? beanFactory.getBean(PgPool.class)
                : beanFactory.getBean(method.pool(), PgPool.class);
        for (String channel : method.channels()) {
            if (pool.options().failFast()) {
                subscribe(pool, channel, method, run);
            } else {
                run.subscribe(() -> subscribeLate(pool, channel, method, run));
            }
        }
    }

    private void subscribe(PgPool pool, String channel, PgListenerMethod method, PgLateSubscriber run) {
        Subscription subscription = pool.listen(channel, method, () -> publishGap(channel));
        boolean stopped;
        synchronized (lock) {
            stopped = present != run;
            if (!stopped) {
                subscriptions.add(subscription);
            }
        }
        if (stopped) {
            subscription.close();
        }
    }

    private void subscribeLate(PgPool pool, String channel, PgListenerMethod method, PgLateSubscriber run) {
        subscribe(pool, channel, method, run);
        publishGap(channel); // the application has run without it until now
    }

    private void publishGap(String channel) {
        events.publishEvent(new PgListenerGapEvent(this, channel));
    }
}
