import { caseWhen, featureView } from '@martlet/feature-store'
import { customer, customers, nightly, shipments, ZONE } from './mart.ts'

/** Recency, frequency and money of every customer, against all others, and signs that one is leaving. */
export const customerRfm = featureView('customer_rfm', {
  description: 'Recency, frequency and revenue with fifths over all customers, tier, and signals of churn',
  of: customer,
  from: shipments,
  population: customers,
  ...nightly,
  features: (f) => ({
    recency_days: f.age(),
    frequency: f.count().overDays(90),
    money: f.sum('price').overDays(90),
    usual_gap: f.mean((r) => r.sincePrevious()).overDays(180),
    recent: f.count().overDays(28),
    before: f.count().overDays(28).shift(28),
    decayed_money: f.decayed('price', { halfLife: '30d' }),
    tier: f.attribute(customers, 'tier'),
    segment: f.attribute(customers, 'segment'),
  }),
  derive: (v) => ({
    gap_ratio: v.recency_days.div(v.usual_gap_180days),
    trend: v.recent_28days.sub(v.before_28days).div(v.before_28days),
  }),
  among: (v, everybody) => ({
    stale_fifth: everybody.quantile(v.recency_days, 5),
    frequency_fifth: everybody.quantile(v.frequency_90days, 5),
    money_fifth: everybody.quantile(v.money_90days, 5),
    rank_in_segment: everybody.rank(v.money_90days, { within: v.segment }),
    share_of_segment: everybody.share(v.money_90days, { within: v.segment }),
    standing_in_tier: everybody.percentRank(v.money_90days, { within: v.tier }),
    money_score: everybody.zscore(v.money_90days),
    tenth: everybody.ntile(v.decayed_money, 10),
  }),
})

/** What kind of customer that makes. */
export const customerSegments = featureView('customer_segments', {
  description: 'The RFM segment of a customer, and whether it seems to be leaving',
  of: customer,
  from: customerRfm,
  every: '1d',
  zone: ZONE,
  ttl: '3d',
  features: (v) => ({
    recency_fifth: v.stale_fifth.mul(-1).add(6), // 5 has just sent something
    frequency_fifth: v.frequency_fifth,
    money_fifth: v.money_fifth,
    tier: v.tier,
    leaving: v.gap_ratio.gt(3).and(v.recency_days.gt(14)),
    shrinking: v.trend.lt(-0.5),
  }),
  derive: (v) => ({
    rfm: v.recency_fifth.mul(100).add(v.frequency_fifth.mul(10)).add(v.money_fifth),
    behaviour: caseWhen(v.recency_fifth.isNull(), 'never')
      .when(v.recency_fifth.ge(4).and(v.frequency_fifth.ge(4)).and(v.money_fifth.ge(4)), 'champion')
      .when(v.recency_fifth.ge(4).and(v.frequency_fifth.le(2)), 'new')
      .when(v.frequency_fifth.ge(4), 'loyal')
      .when(v.recency_fifth.le(2).and(v.money_fifth.ge(4)), 'at_risk')
      .when(v.recency_fifth.le(2), 'sleeping')
      .otherwise('regular'),
    mismatch: v.tier.eq('premium').and(v.money_fifth.le(2)),
  }),
})
