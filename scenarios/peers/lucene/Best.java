import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;

/** Counts services and facet values and keeps the best services. A service's offers come one after another. */
final class Best extends SimpleCollector {
    /** A service that matches, by its best offer. */
    record Found(long service, double band, long turn, double score) {
        /** By bands of a tenth, then in turn, then by score. */
        static final Comparator<Found> WORST_FIRST = Comparator.comparingDouble(Found::band)
                .thenComparingLong(Found::turn)
                .thenComparingDouble(Found::score)
                .thenComparing(Comparator.comparingLong(Found::service).reversed());
    }

    private final Asked asked;
    private final Weights weights;
    private final PriorityQueue<Found> best;
    private final int[] seen;
    final int[] counts;
    int total;

    private NumericDocValues service, turn, flags, lat, lon, areaKm, capacity, worth, observedAt, ttl;
    private SortedNumericDocValues facets, areas, sure;
    private Scorable scorer;
    private long current;
    private long currentTurn;
    private double currentScore;

    Best(Asked asked, Weights weights, int tokens) {
        this.asked = asked;
        this.weights = weights;
        best = new PriorityQueue<>(Math.min(asked.limit, 1000) + 1, Found.WORST_FIRST);
        seen = asked.facets ? new int[tokens] : null;
        counts = asked.facets ? new int[tokens] : null;
    }

    @Override
    public ScoreMode scoreMode() {
        return asked.scored ? ScoreMode.COMPLETE : ScoreMode.COMPLETE_NO_SCORES;
    }

    @Override
    public void setScorer(Scorable scorer) {
        this.scorer = scorer;
    }

    @Override
    protected void doSetNextReader(LeafReaderContext context) throws IOException {
        LeafReader reader = context.reader();
        service = DocValues.getNumeric(reader, "service");
        turn = DocValues.getNumeric(reader, "turn");
        flags = DocValues.getNumeric(reader, "flags");
        lat = DocValues.getNumeric(reader, "lat");
        lon = DocValues.getNumeric(reader, "lon");
        areaKm = DocValues.getNumeric(reader, "area_km");
        capacity = DocValues.getNumeric(reader, "capacity");
        worth = DocValues.getNumeric(reader, "worth");
        observedAt = DocValues.getNumeric(reader, "observed_at");
        ttl = DocValues.getNumeric(reader, "ttl");
        facets = DocValues.getSortedNumeric(reader, "facets");
        areas = DocValues.getSortedNumeric(reader, "areas_read");
        sure = DocValues.getSortedNumeric(reader, "sure");
    }

    @Override
    public void collect(int doc) throws IOException {
        long state = of(capacity, doc);
        if ((asked.capacities & 1L << state) == 0) return;
        double place = place(doc, of(flags, doc));
        if (place < 0) return;
        double score = (asked.scored ? weights.relevance(scorer.score()) : 1) * place
                * Double.longBitsToDouble(of(worth, doc))
                * weights.freshness(of(observedAt, doc), of(ttl, doc), asked.now);
        if (asked.sure.length > 0 && !holds(sure, doc, asked.sure)) score *= weights.decides();
        long id = of(service, doc);
        if (total == 0 || id != current) {
            flush();
            total++;
            current = id;
            currentTurn = of(turn, doc);
            currentScore = score;
        } else {
            currentScore = Math.max(currentScore, score);
        }
        if (asked.facets) count(doc, (int) state);
    }

    /** What an offer's place counts; below 0 where it is the wrong one. */
    private double place(int doc, long flags) throws IOException {
        double counts = 1;
        boolean placed = (flags & Rows.PLACED) != 0;
        if (asked.near != null) {
            Asked.Place near = asked.near;
            counts = weights.withoutDistance();
            double km = placed && near.point ? km(doc, near) : -1;
            if ((flags & Rows.REMOTE) != 0 && (flags & Rows.STATED) == 0) counts *= weights.assumed();
            if (placed && !near.region) {
                if (km < 0 || km > near.km) return -1;
                counts = weights.nearness(km);
            }
            if (excluded(doc, flags, near, km)) return -1;
        }
        if (asked.serves != null) {
            double km = (flags & Rows.RADIUS) != 0 ? km(doc, asked.serves) : -1;
            if (excluded(doc, flags | Rows.STATED, asked.serves, km)) return -1;
        }
        return counts;
    }

    /** Whether a stated area leaves the place out. The query knows all but radii. */
    private boolean excluded(int doc, long flags, Asked.Place place, double km) throws IOException {
        if ((flags & Rows.STATED) == 0 || (flags & Rows.RADIUS) == 0) return false;
        boolean around = km >= 0 && areaKm.advanceExact(doc) && km <= Double.longBitsToDouble(areaKm.longValue());
        return !around && !holds(areas, doc, place.areaTokens);
    }

    private double km(int doc, Asked.Place from) throws IOException {
        return Weights.km(from.lat, from.lon, Double.longBitsToDouble(of(lat, doc)), Double.longBitsToDouble(of(lon, doc)));
    }

    private static boolean holds(SortedNumericDocValues values, int doc, long[] wanted) throws IOException {
        if (!values.advanceExact(doc)) return false;
        for (int left = values.docValueCount(); left > 0; left--) {
            long value = values.nextValue();
            for (long one : wanted) if (one == value) return true;
        }
        return false;
    }

    /** Counts each value once a service. */
    private void count(int doc, int state) throws IOException {
        count(state);
        if (!facets.advanceExact(doc)) return;
        for (int left = facets.docValueCount(); left > 0; left--) count((int) facets.nextValue());
    }

    private void count(int token) {
        if (seen[token] == total) return;
        seen[token] = total;
        counts[token]++;
    }

    private void flush() {
        if (total == 0) return;
        Found found = new Found(current, Math.floor(Math.log(currentScore) / Math.log(1.1)), currentTurn, currentScore);
        if (best.size() < asked.limit) {
            best.add(found);
        } else if (Found.WORST_FIRST.compare(found, best.peek()) > 0) {
            best.poll();
            best.add(found);
        }
    }

    /** The best, best first. To be called once, at the end. */
    Found[] best() {
        flush();
        Found[] all = best.toArray(new Found[0]);
        Arrays.sort(all, Found.WORST_FIRST.reversed());
        return all;
    }

    private static long of(NumericDocValues values, int doc) throws IOException {
        values.advanceExact(doc);
        return values.longValue();
    }
}
