import { addbmm, addmm, addmv, addr, baddbmm } from "../ops/addmm.js";
import { swapaxes, swapdims } from "../ops/arrange.js";
import { cumprod, cumsum } from "../ops/cumulative.js";
import { copy_, copyForm, fill_, viewForm, zero_ } from "../ops/inplace.js";
import { renorm } from "../ops/renorm.js";
import { indexAdd, indexCopy, indexFill, maskedScatter, put, scatter, scatterAdd } from "../ops/scatter.js";
import { indexReduce, scatterReduce } from "../ops/scatter-reduce.js";
import { fillDiagonal_, tril, triu } from "../ops/triangles.js";
import { asStrided, squeeze, t, transpose, unsqueeze } from "../ops/views.js";
import { inPlacePointwise } from "./inplace-pointwise.js";

/** In-place forms: each writes into its first argument and returns it. */
export const inPlace = {
  squeeze_: viewForm(squeeze),
  unsqueeze_: viewForm(unsqueeze),
  t_: viewForm(t),
  transpose_: viewForm(transpose),
  swapaxes_: viewForm(swapaxes),
  swapdims_: viewForm(swapdims),
  asStrided_: viewForm(asStrided),
  ...inPlacePointwise,
  copy_,
  fill_,
  fillDiagonal_,
  zero_,
  scatter_: copyForm(scatter),
  scatterAdd_: copyForm(scatterAdd),
  indexAdd_: copyForm(indexAdd),
  indexCopy_: copyForm(indexCopy),
  indexFill_: copyForm(indexFill),
  scatterReduce_: copyForm(scatterReduce),
  indexReduce_: copyForm(indexReduce),
  put_: copyForm(put),
  maskedScatter_: copyForm(maskedScatter),
  renorm_: copyForm(renorm),
  tril_: copyForm(tril),
  triu_: copyForm(triu),
  addmm_: copyForm(addmm),
  addmv_: copyForm(addmv),
  addr_: copyForm(addr),
  addbmm_: copyForm(addbmm),
  baddbmm_: copyForm(baddbmm),
  cumsum_: copyForm(cumsum),
  cumprod_: copyForm(cumprod),
};
