package io.github.pgpure.demo;

import io.github.pgpure.Query;
import io.github.pgpure.spring.PgTemplate;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Sells seats. Thread-safe. */
@Service
class BoxOffice {

    private static final Query SHOWS = Query.of("""
            select shows.id, title, starts_at, count(*) as capacity, count(*) filter (where status = 'free') as free
            from shows join seats on show_id = shows.id
            group by shows.id
            order by starts_at, shows.id""");

    private static final Query SEATS = Query.of("""
            select name as seat, status, price from seats
            where show_id = :show
            order by row_name, number""");

    /** Everybody locks in the same order, so that overlapping reservations wait for each other and never deadlock. */
    private static final Query LOCK_SEATS = Query.of("""
            select name as seat, status, price from seats
            where show_id = :show and name = any(:names)
            order by name
            for update""");

    private static final Query MARK_SEATS =
            Query.of("update seats set status = :status where show_id = :show and name = any(:names)");

    private static final Query INSERT_RESERVATION = Query.of("""
            insert into reservations (show_id, customer, seats, total, receipt)
            values (:show, :customer, :seats, :total, :receipt)
            returning id as reservation_id, total""");

    private static final Query TICKET = Query.of("""
            select reservations.id as reservation_id, title as show, customer, seats, total, receipt, created_at
            from reservations join shows on show_id = shows.id
            where reservations.id = :id""");

    private static final Query REPORT = Query.of("""
            with work as materialized (select pg_sleep(:seconds))
            select title, count(*) filter (where status = 'reserved') as sold,
                   coalesce(sum(price) filter (where status = 'reserved'), 0) as revenue
            from work cross join shows join seats on show_id = shows.id
            group by shows.id
            order by revenue desc, shows.id""");

    private final PgTemplate pg;

    BoxOffice(PgTemplate pg) {
        this.pg = pg;
    }

    List<Show> shows() {
        return pg.fetch(SHOWS).as(Show.class);
    }

    List<Seat> seats(long show) {
        // No show is without seats, so no rows means no show.
        List<Seat> seats = pg.fetch(SEATS.bind("show", show)).as(Seat.class);
        if (seats.isEmpty()) {
            throw new UnknownShowException(show);
        }
        return seats;
    }

    /** Reserves all these seats or none of them: whatever is thrown here rolls the transaction back. */
    @Transactional(timeout = 10)
    Reservation reserve(long show, String customer, List<String> names) {
        if (pg.fetchOneOrNone("select 1 from shows where id = $1", show).isEmpty()) {
            throw new UnknownShowException(show);
        }
        List<Seat> seats =
                pg.fetch(LOCK_SEATS.bind("show", show).bind("names", names)).as(Seat.class);
        requireAllKnown(names, seats);
        requireAllFree(seats);
        pg.execute(MARK_SEATS
                .bind("status", SeatStatus.RESERVED)
                .bind("show", show)
                .bind("names", names));
        BigDecimal total = seats.stream().map(Seat::price).reduce(BigDecimal.ZERO, BigDecimal::add);
        return pg.fetchOne(INSERT_RESERVATION
                        .bind("show", show)
                        .bind("customer", customer)
                        .bind("seats", names)
                        .bind("total", total)
                        .bind("receipt", Receipt.of(seats)))
                .as(Reservation.class);
    }

    /** Locks all seats of a show until the end of the transaction, in the order in which everybody does. */
    @Transactional(propagation = Propagation.MANDATORY)
    void lock(long show) {
        pg.execute("select 1 from seats where show_id = $1 order by name for update", show);
    }

    Ticket ticket(UUID id) {
        return pg.fetchOneOrNone(TICKET.bind("id", id))
                .orElseThrow(() -> new UnknownReservationException(id))
                .as(Ticket.class);
    }

    /**
     * Adds up the sales, slowly.
     *
     * @param work how long the server works on it
     * @param timeout when the statement is cancelled on the server
     * @throws org.springframework.dao.QueryTimeoutException when the timeout has passed
     */
    List<Sales> report(Duration work, Duration timeout) {
        return pg.fetch(REPORT.bind("seconds", work.toMillis() / 1000.0).timeout(timeout))
                .as(Sales.class);
    }

    private static void requireAllKnown(List<String> names, List<Seat> seats) {
        if (seats.size() < names.size()) {
            Set<String> unknown = new HashSet<>(names);
            seats.forEach(seat -> unknown.remove(seat.seat()));
            throw new UnknownSeatsException(unknown.stream().sorted().toList());
        }
    }

    private static void requireAllFree(List<Seat> seats) {
        List<String> taken = seats.stream()
                .filter(seat -> seat.status() != SeatStatus.FREE)
                .map(Seat::seat)
                .toList();
        if (!taken.isEmpty()) {
            throw new SeatsTakenException(taken);
        }
    }
}
