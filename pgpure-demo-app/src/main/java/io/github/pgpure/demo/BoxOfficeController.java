package io.github.pgpure.demo;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api")
class BoxOfficeController {

    private final BoxOffice boxOffice;

    BoxOfficeController(BoxOffice boxOffice) {
        this.boxOffice = boxOffice;
    }

    @GetMapping("/shows")
    List<Show> shows() {
        return boxOffice.shows();
    }

    @GetMapping("/shows/{id}/seats")
    List<Seat> seats(@PathVariable long id) {
        return boxOffice.seats(id);
    }

    @PostMapping("/shows/{id}/reservations")
    ResponseEntity<Reservation> reserve(@PathVariable long id, @Valid @RequestBody ReservationRequest request) {
        Reservation reservation = boxOffice.reserve(id, request.customer(), request.seats());
        return ResponseEntity.created(URI.create("/api/reservations/" + reservation.reservationId()))
                .body(reservation);
    }

    @GetMapping("/reservations/{id}")
    Ticket ticket(@PathVariable UUID id) {
        return boxOffice.ticket(id);
    }

    /** A report that takes as long as it is told to, and no longer than the client is willing to wait. */
    @GetMapping("/report")
    List<Sales> report(
            @RequestParam(defaultValue = "0") @Min(0) @Max(3600) int workSeconds,
            @RequestParam(defaultValue = "2000") @Min(1) @Max(60_000) int timeoutMillis) {
        return boxOffice.report(Duration.ofSeconds(workSeconds), Duration.ofMillis(timeoutMillis));
    }
}
