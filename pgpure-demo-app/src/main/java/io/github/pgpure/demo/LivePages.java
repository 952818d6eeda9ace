package io.github.pgpure.demo;

import io.github.pgpure.spring.PgListener;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells every open page which show has changed: NOTIFY in the database, {@code @PgListener} here, server-sent events to the browsers.
 *
 * <p>An event only names the show, and the page asks again: so nothing goes wrong when events come together, twice or late.
 */
@RestController
class LivePages {

    private static final int MAX_PAGES = 200;
    private static final long ONE_HOUR_MILLIS = 3_600_000;

    private final Set<Page> pages = ConcurrentHashMap.newKeySet();
    private final Executor executor;

    LivePages(@Qualifier("applicationTaskExecutor") Executor executor) {
        this.executor = executor;
    }

    /** What the trigger of box-office.sql sends. */
    record ShowChanged(long show) {}

    @PgListener(channels = "show_changed")
    void showChanged(ShowChanged event) {
        pages.forEach(page -> page.changed(event.show()));
    }

    @GetMapping("/api/events")
    SseEmitter events() throws IOException {
        if (pages.size() >= MAX_PAGES) {
            throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, "Too many pages are open.");
        }
        Page page = new Page();
        pages.add(page);
        page.emitter.onCompletion(() -> pages.remove(page));
        page.emitter.onTimeout(page.emitter::complete);
        // The response begins with the first thing sent: without this the browser would wait for the first change.
        page.emitter.send(SseEmitter.event().comment("open"));
        return page.emitter;
    }

    /** Open event streams would make the web server wait for them when it stops. */
    @EventListener(ContextClosedEvent.class)
    void close() {
        pages.forEach(page -> page.emitter.complete());
    }

    /** One browser. Sending may block on a slow one, so each is sent to by a task of its own, one at a time. */
    private final class Page {

        private final SseEmitter emitter = new SseEmitter(ONE_HOUR_MILLIS);
        private final Set<Long> changed = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean sending = new AtomicBoolean();

        void changed(long show) {
            changed.add(show);
            if (sending.compareAndSet(false, true)) {
                executor.execute(this::send);
            }
        }

        private void send() {
            try {
                for (Long show : changed) {
                    changed.remove(show);
                    emitter.send(SseEmitter.event().name("show").data(show));
                }
            } catch (IOException | IllegalStateException e) {
                pages.remove(this); // the browser has gone; the web server finds that out too, and ends the request by
                // itself
                return;
            }
            sending.set(false);
            // What came between the last look and the line above would otherwise wait for the next change.
            if (!changed.isEmpty() && sending.compareAndSet(false, true)) {
                executor.execute(this::send);
            }
        }
    }
}
