package io.github.pgpure.demo;

import io.github.pgpure.spring.PgTemplate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Simulated clients that fight for the seats of the show "Open Rehearsal". Thread-safe. */
@Service
class Rehearsal implements DisposableBean {

    static final int MAX_CLIENTS = 50;
    private static final int SECONDS = 60;
    private static final int THINK_MILLIS = 50;

    private final BoxOffice boxOffice;
    private final PgTemplate pg;
    private final TransactionTemplate transaction;
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(MAX_CLIENTS);
    private final List<Future<?>> clients = new ArrayList<>();
    private final LongAdder reserved = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder refused = new LongAdder();

    Rehearsal(BoxOffice boxOffice, PgTemplate pg, TransactionTemplate transaction) {
        this.boxOffice = boxOffice;
        this.pg = pg;
        this.transaction = transaction;
        executor.setRemoveOnCancelPolicy(true);
        executor.setKeepAliveTime(10, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * How it is going.
     *
     * @param clients how many clients are at it
     * @param reserved reservations made since the application started
     * @param conflicts those that came too late
     * @param refused those that the database did not serve, for want of a connection in time above all
     */
    record Score(int clients, long reserved, long conflicts, long refused) {}

    synchronized Score score() {
        clients.removeIf(Future::isDone);
        return new Score(clients.size(), reserved.sum(), conflicts.sum(), refused.sum());
    }

    /** Lets so many clients try their luck for a minute, instead of those that do now. */
    synchronized Score start(int count) {
        clients.forEach(client -> client.cancel(false));
        clients.clear();
        for (int i = 0; i < count; i++) {
            Future<?> client = executor.scheduleWithFixedDelay(this::tryOnce, i, THINK_MILLIS, TimeUnit.MILLISECONDS);
            clients.add(client);
            executor.schedule(() -> client.cancel(false), SECONDS, TimeUnit.SECONDS);
        }
        return score();
    }

    private void tryOnce() {
        try {
            long show = pg.fetchOne("select id from shows where title = 'Open Rehearsal'")
                    .getLong("id");
            List<String> free = new ArrayList<>();
            for (Seat seat : boxOffice.seats(show)) {
                if (seat.status() == SeatStatus.FREE) {
                    free.add(seat.seat());
                }
            }
            if (free.isEmpty()) {
                clear(show);
                return;
            }
            Collections.shuffle(free, ThreadLocalRandom.current());
            boxOffice.reserve(show, "Rehearsal", free.subList(0, Math.min(2, free.size())));
            reserved.increment();
        } catch (SeatsTakenException e) {
            conflicts.increment();
        } catch (DataAccessException | TransactionException e) {
            refused.increment(); // to pass it on would be the end of this client
        }
    }

    private void clear(long show) {
        transaction.executeWithoutResult(status -> {
            boxOffice.lock(show);
            pg.execute("delete from reservations where show_id = $1", show);
            pg.execute("update seats set status = 'free' where show_id = $1", show);
        });
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }
}
