import java.util.Arrays;

/** The weights of the ranking, as the bench gives them on the command line. */
record Weights(double halfMiles, double withoutDistance, double atTtl, double assumed, double decides) {
    static final double KM_PER_MILE = 1.609344, EARTH_KM = 6371.0088;
    /** The text score that is worth half of the most that words can be worth. */
    static final double HALF_TEXT = 6;

    static Weights parse(String text) {
        double[] all = Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
        return new Weights(all[0], all[1], all[2], all[3], all[4]);
    }

    double nearness(double km) {
        return 1 / (1 + km / KM_PER_MILE / halfMiles);
    }

    double freshness(long observedAt, long ttl, long now) {
        if (observedAt == Rows.NEVER) return atTtl;
        double spent = Math.min((double) Math.max(now - observedAt, 0) / ttl, 1);
        return 1 - spent * (1 - atTtl);
    }

    double relevance(float bm25) {
        double score = bm25 * (double) Asked.BM25;
        return score / (score + HALF_TEXT);
    }

    /** Haversine. */
    static double km(double lat, double lon, double toLat, double toLon) {
        double dlat = Math.sin(Math.toRadians(toLat - lat) / 2), dlon = Math.sin(Math.toRadians(toLon - lon) / 2);
        double across = Math.cos(Math.toRadians(lat)) * Math.cos(Math.toRadians(toLat));
        double a = dlat * dlat + across * dlon * dlon;
        return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
    }
}
