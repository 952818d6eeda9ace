package io.github.pgpure.demo;

import io.github.pgpure.spring.PgTemplate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Service;

/** Reports that run in the background and can be cancelled: an interrupt is all it takes. Thread-safe. */
@Service
class Reports implements DisposableBean {

    private static final int MAX_RUNNING = 2;
    private static final int MAX_KEPT = 100;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final BoxOffice boxOffice;
    private final PgTemplate pg;
    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(0, MAX_RUNNING, 10, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final Map<UUID, Future<List<Sales>>> reports = new ConcurrentHashMap<>();

    Reports(BoxOffice boxOffice, PgTemplate pg) {
        this.boxOffice = boxOffice;
        this.pg = pg;
    }

    enum State {
        RUNNING,
        DONE,
        CANCELLED,
        FAILED
    }

    /**
     * How a report is getting on.
     *
     * @param backends how many backends of the server work on reports right now
     * @param sales the result, empty until it is done
     */
    record Progress(UUID id, State state, long backends, List<Sales> sales) {}

    /** @throws RejectedExecutionException when too many run already */
    Progress start(Duration work) {
        if (reports.size() >= MAX_KEPT) {
            reports.values().removeIf(Future::isDone);
        }
        UUID id = UUID.randomUUID();
        reports.put(id, executor.submit(() -> boxOffice.report(work, LONGEST)));
        return progress(id);
    }

    /** Interrupts the thread that waits for the statement; pgpure cancels it on the server. */
    Progress cancel(UUID id) {
        report(id).cancel(true);
        return progress(id);
    }

    Progress progress(UUID id) {
        Future<List<Sales>> report = report(id);
        long backends = pg.fetchOne("""
                        select count(*) from pg_stat_activity
                        where datname = current_database() and state = 'active' and query like 'with work as%'""").getLong(0);
        if (!report.isDone()) {
            return new Progress(id, State.RUNNING, backends, List.of());
        }
        try {
            return new Progress(id, State.DONE, backends, report.get());
        } catch (CancellationException e) {
            return new Progress(id, State.CANCELLED, backends, List.of());
        } catch (ExecutionException e) {
            return new Progress(id, State.FAILED, backends, List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("a finished report does not wait", e);
        }
    }

    private Future<List<Sales>> report(UUID id) {
        Future<List<Sales>> report = reports.get(id);
        if (report == null) {
            throw new UnknownReportException(id);
        }
        return report;
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }
}
