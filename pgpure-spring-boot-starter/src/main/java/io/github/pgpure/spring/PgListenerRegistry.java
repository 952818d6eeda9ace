package io.github.pgpure.spring;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * The application's {@link PgListener} methods: subscribes them when the context has started and unsubscribes them before it stops;
 * thread-safe.
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
    private boolean running;

    /**
     * @param beanFactory has the pools
     * @param events is told when notifications may have been missed, by a {@link PgListenerGapEvent}
     */
    public PgListenerRegistry(BeanFactory beanFactory, ApplicationEventPublisher events) {
        this.beanFactory = beanFactory;
        this.events = events;
    }

    void add(PgListenerMethod method) {
        boolean late; // a bean that is made later, a lazy one for example
        synchronized (lock) {
            methods.add(method);
            late = running;
        }
        if (late) {
            subscribe(method);
        }
    }

    @Override
    public void start() {
        List<PgListenerMethod> all;
        synchronized (lock) {
            if (running) {
                return;
            }
            running = true;
            all = List.copyOf(methods);
        }
        all.forEach(this::subscribe);
    }

    @Override
    public void stop() {
        List<Subscription> ended;
        List<PgListenerMethod> all;
        synchronized (lock) {
            running = false;
            ended = List.copyOf(subscriptions);
            subscriptions.clear();
            all = List.copyOf(methods);
        }
        ended.forEach(Subscription::close);
        all.forEach(PgListenerMethod::stop);
        long deadlineNanos = System.nanoTime() + STOP_LIMIT.toNanos();
        all.forEach(method -> method.awaitEnd(Math.max(0, deadlineNanos - System.nanoTime())));
    }

    @Override
    public boolean isRunning() {
        synchronized (lock) {
            return running;
        }
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    private void subscribe(PgListenerMethod method) {
        method.start();
        PgPool pool = method.pool().isEmpty()
                ? beanFactory.getBean(PgPool.class)
                : beanFactory.getBean(method.pool(), PgPool.class);
        for (String channel : method.channels()) {
            Subscription subscription =
                    pool.listen(channel, method, () -> events.publishEvent(new PgListenerGapEvent(this, channel)));
            boolean stopped;
            synchronized (lock) {
                stopped = !running;
                if (!stopped) {
                    subscriptions.add(subscription);
                }
            }
            if (stopped) {
                subscription.close();
            }
        }
    }
}
